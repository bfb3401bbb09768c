import { isAlias, isMap, isScalar, parseDocument, visit, type Document } from 'yaml'
import { isObject } from './config-node.ts'

/** The text is no Envoy configuration that the linter can check. */
export class UnreadableConfigError extends Error {
  constructor(reason: string) {
    super(`This is not an Envoy configuration that can be checked: ${reason}`)
    this.name = 'UnreadableConfigError'
  }
}

/** An object with a listener. */
export type EnvoyConfig = Readonly<Record<string, unknown>>

/**
 * Reads a configuration in YAML or JSON. Throws if Envoy's YAML parser could read another configuration.
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
    // Each alias becomes a separate object, as in Envoy. An alias inside its own anchor throws.
    return JSON.parse(JSON.stringify(document.toJS()))
  } catch (error) {
    throw new UnreadableConfigError(error instanceof Error ? error.message : 'it has no end')
  }
}

function hasListener({ static_resources }: EnvoyConfig): boolean {
  if (!isObject(static_resources)) return false
  const { listeners } = static_resources
  return Array.isArray(listeners) ? listeners.length > 0 : isObject(listeners)
}

/** YAML 1.1, which Envoy reads, has booleans such as yes and octal numbers such as 0600; YAML 1.2 does not. */
const READ_TWO_WAYS = /^([yYnN]|yes|no|on|off|[-+]?0[\d_]+|[-+]?0[xXoObB].*|[-+]?\d[\d_]*(:[0-5]?\d)+|~)$/i

function refuseTwoReadings(document: Document): void {
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) return
      // `!ignore` makes Envoy skip a whole entry.
      if (node.tag !== undefined) throw new UnreadableConfigError(`it has a tag, ${node.tag}: remove it`)
      if (isScalar(node) && node.type === 'PLAIN' && READ_TWO_WAYS.test(node.source ?? ''))
        throw new UnreadableConfigError(`YAML 1.1 and 1.2 read ${node.source ?? ''} differently: quote it`)
    },
    Pair(_key, { key, value }) {
      const keyText = isScalar(key) ? key.value : undefined
      if (typeof keyText !== 'string')
        throw new UnreadableConfigError('a field name is not text: write it as text')
      if (keyText === '<<' && (isMap(value) || isAlias(value)))
        throw new UnreadableConfigError('it merges with <<, which Envoy ignores: write the fields out')
    },
  })
}
