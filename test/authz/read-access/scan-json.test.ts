import assert from 'node:assert/strict'
import fc from 'fast-check'
import { JsonFaultError, type JsonNode } from '../../../authz/read-access/scan-json.ts'
import { scanJson } from '../../../authz/read-access/scan-json.ts'

/** Deep enough for every generated value that the scanner keeps whole. */
const MAX_DEPTH = 4

/** The value as JavaScript has it. */
function valueOf(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries([...node.members].map(([key, member]) => [key, valueOf(member)]))
    case 'array':
      return node.items.map(valueOf)
    case 'string':
      return node.value
    case 'number':
      return Number(node.source)
    case 'true':
      return true
    case 'false':
      return false
    case 'null':
      return null
    case 'deep':
      throw new Error('deeper than what is kept')
  }
}

/** Every value in it by where it stands. */
function partsOf(node: JsonNode): JsonNode[] {
  if (node.kind === 'object') return [node, ...[...node.members.values()].flatMap(partsOf)]
  return node.kind === 'array' ? [node, ...node.items.flatMap(partsOf)] : [node]
}

describe('scanJson', () => {
  it('reads the same values as JSON.parse, with the position of each', () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: MAX_DEPTH, stringUnit: 'grapheme' }),
        fc.constantFrom(undefined, 1, '\t'),
        (text, indent) => {
          const written = JSON.stringify(JSON.parse(text), undefined, indent)
          const root = scanJson(Buffer.from(written))
          assert.deepEqual(valueOf(root), JSON.parse(written))
          for (const part of partsOf(root)) {
            assert.deepEqual(valueOf(part), JSON.parse(written.slice(part.start, part.end)))
          }
        },
      ),
      { seed: 6, numRuns: 300 },
    )
  })

  it('refuses everything that JSON.parse refuses', () => {
    const pieces = '{}[]:,"\\/ \n\t0123456789-+.eEaftrulsn'
      .split('')
      .concat('\\u', '"a":', 'true', 'null', '\ufeff')
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (chosen) => {
        const text = chosen.join('')
        try {
          scanJson(Buffer.from(text))
        } catch (error) {
          assert.ok(error instanceof JsonFaultError)
          return
        }
        JSON.parse(text)
      }),
      { seed: 6, numRuns: 20_000 },
    )
  })

  it('reads only the bytes of a view into a larger buffer', () => {
    const bytes = Buffer.from('xx[1]yy').subarray(2, 5)
    assert.deepEqual(valueOf(scanJson(new Uint8Array(bytes.buffer, bytes.byteOffset, 3))), [1])
  })
})
