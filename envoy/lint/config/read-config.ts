import { isAlias, isMap, isScalar, parseDocument, visit, type Document } from 'yaml'
import { isObject } from './config-node.ts'

/** What was handed over is no Envoy configuration that could be judged. */
export class UnreadableConfigError extends Error {
  constructor(reason: string) {
    super(`This is not an Envoy configuration that can be checked: ${reason}`)
    this.name = 'UnreadableConfigError'
  }
}

/** An object with a listener. */
export type EnvoyConfig = Readonly<Record<string, unknown>>

/**
 * What a configuration in YAML or JSON says. Where Envoy's YAML parser could read something else than ours, it
 * throws: what was checked must be what runs.
 *
 * @throws UnreadableConfigError
 */
export function readEnvoyConfig(text: string): EnvoyConfig {
  const document = parseDocument(text, { prettyErrors: true })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem !== undefined) throw new UnreadableConfigError(problem.message)
  refuseTwoReadings(document)
  const config = valueOf(document)
  if (!isObject(config)) throw new UnreadableConfigError('it holds no object')
  if (!hasListener(config)) throw new UnreadableConfigError('it has no static_resources.listeners')
  return config
}

function valueOf(document: Document): unknown {
  try {
    // Each alias becomes an object of its own, as in Envoy; one within its own anchor has no end.
    return JSON.parse(JSON.stringify(document.toJS()))
  } catch (error) {
    throw new UnreadableConfigError(error instanceof Error ? error.message : 'it does not end')
  }
}

function hasListener({ static_resources }: EnvoyConfig): boolean {
  if (!isObject(static_resources)) return false
  const { listeners } = static_resources
  return Array.isArray(listeners) ? listeners.length > 0 : isObject(listeners)
}

/** Envoy reads YAML 1.1's words for true and false, and numbers that begin with 0 as octal; YAML 1.2 does neither. */
const READ_TWO_WAYS = /^([yYnN]|yes|no|on|off|[-+]?0[\d_]+|[-+]?0[xXoObB].*|[-+]?\d[\d_]*(:[0-5]?\d)+|~)$/i

function refuseTwoReadings(document: Document): void {
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) return
      // `!ignore` makes Envoy skip a whole entry.
      if (node.tag !== undefined) throw new UnreadableConfigError(`it has a tag, ${node.tag}: take it out`)
      if (isScalar(node) && node.type === 'PLAIN' && READ_TWO_WAYS.test(node.source ?? ''))
        throw new UnreadableConfigError(
          `${node.source ?? ''} has two readings: quote it, or write it plainly`,
        )
    },
    Pair(_key, { key, value }) {
      const keyText = isScalar(key) ? key.value : undefined
      if (typeof keyText !== 'string') throw new UnreadableConfigError('a field has no plain name')
      if (keyText === '<<' && (isMap(value) || isAlias(value)))
        throw new UnreadableConfigError('it merges with <<, which Envoy does not')
    },
  })
}
