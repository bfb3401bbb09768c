import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument, visit } from 'yaml'
import type { EdgeConfig } from './config.ts'
import { placeholders } from './placeholders.ts'

const TEMPLATE = join(import.meta.dirname, 'envoy.yaml')
const PLACEHOLDER = /^\$\{([A-Z_]+)\}$/

/**
 * The configuration that Envoy runs: envoy.yaml with its placeholders filled in, comments and all. Values are put
 * into the parsed tree, so that none can be read as anything but a value.
 *
 * @throws TypeError for a placeholder that there is no value for
 */
export function renderEnvoyConfig(config: EdgeConfig): string {
  const values = placeholders(config)
  const document = parseDocument(readFileSync(TEMPLATE, 'utf8'))
  visit(document, {
    Scalar(_key, { value }) {
      const [, name] = typeof value === 'string' ? (PLACEHOLDER.exec(value) ?? []) : []
      if (name === undefined) return undefined
      if (!values.has(name)) throw new TypeError(`envoy.yaml: nothing is known to put in for \${${name}}`)
      return document.createNode(values.get(name))
    },
  })
  return document.toString({ lineWidth: 0 })
}
