import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isScalar, parseDocument, visit, type Document, type Node } from 'yaml'

/** The value of each `${NAME}`: any YAML value. A list inside a list becomes part of it. */
export type Values = ReadonlyMap<string, unknown>

const WHOLE = /^\$\{([A-Z_]+)\}$/
const WITHIN = /\$\{([A-Z_]+)\}/g

/**
 * Fills the placeholders of a template of envoy/. Values go into the parsed tree, so that none can add fields.
 *
 * @throws TypeError for a placeholder without a value, and for invalid YAML
 */
export function fillIn(file: string, values: Values): Document {
  const document = parseDocument(readFileSync(join(import.meta.dirname, '..', file), 'utf8'))
  const [broken] = document.errors
  if (broken !== undefined) throw new TypeError(`${file}: ${broken.message}`)
  visit(document, {
    Seq(_key, sequence) {
      sequence.items = sequence.items.flatMap((item) => {
        const value = isScalar(item) ? wholeValueOf(item.value) : undefined
        if (!Array.isArray(value)) return [item]
        return value.map((each) => document.createNode(each, { aliasDuplicateObjects: false }) as Node)
      })
    },
    Scalar(_key, { value }) {
      if (typeof value !== 'string' || !value.includes('${')) return undefined
      const filled = WHOLE.test(value)
        ? wholeValueOf(value)
        : value.replace(WITHIN, (_match, name: string) => textOf(name))
      return document.createNode(filled)
    },
  })
  return document

  function wholeValueOf(value: unknown): unknown {
    const [, name] = typeof value === 'string' ? (WHOLE.exec(value) ?? []) : []
    return name === undefined ? undefined : valueOf(name)
  }

  function valueOf(name: string): unknown {
    if (!values.has(name)) throw new TypeError(`${file}: no value for \${${name}}`)
    return values.get(name)
  }

  function textOf(name: string): string {
    const value = valueOf(name)
    if (typeof value === 'string' || typeof value === 'number') return String(value)
    throw new TypeError(`${file}: \${${name}} cannot be part of a text`)
  }
}
