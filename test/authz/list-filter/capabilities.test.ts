import assert from 'node:assert/strict'
import fc from 'fast-check'
import { judgeAccess } from '../../../authz/read-access/judge-access.ts'
import type { ListFormat } from '../../../authz/list-filter/answer-splitter.ts'
import type { ReadAccess } from '../../../authz/read-access/judge-call.ts'
import { UnreadableListError } from '../../../authz/list-filter/unreadable-list-error.ts'
import { READING_METHODS } from '../../../core/services/read-only-tools.ts'
import { READ, requestOf } from '../read-access/support/corpus.ts'
import { rewriteText } from '../read-access/support/rewrite.ts'

const SEED = 11
const TASKS = { list: {}, cancel: {}, requests: { tools: { call: {} } } }
/** All capabilities of `initialize` (MCP 2025-11-25, ServerCapabilities). */
const EVERYTHING = {
  experimental: { 'vendor/search': {} },
  logging: {},
  completions: {},
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: false },
  tools: { listChanged: true },
  tasks: TASKS,
  extensions: { 'io.modelcontextprotocol/tasks': {} },
}

/** The methods that each capability declares. */
const METHODS_OF: Record<string, Readonly<Record<'initialize' | 'discover', readonly string[]>>> = {
  logging: both('logging/setLevel'),
  completions: both('completion/complete'),
  prompts: both('prompts/list', 'prompts/get'),
  'prompts.listChanged': { initialize: [], discover: ['subscriptions/listen'] },
  resources: both('resources/list', 'resources/read', 'resources/templates/list'),
  'resources.listChanged': { initialize: [], discover: ['subscriptions/listen'] },
  'resources.subscribe': {
    initialize: ['resources/subscribe', 'resources/unsubscribe'],
    discover: ['subscriptions/listen'],
  },
  tools: both('tools/list', 'tools/call'),
  'tools.listChanged': { initialize: [], discover: ['subscriptions/listen'] },
  tasks: both('tasks/list', 'tasks/get', 'tasks/result', 'tasks/cancel'),
  experimental: both('vendor/unknown'),
  extensions: both('vendor/unknown'),
}

function both(...methods: string[]) {
  return { initialize: methods, discover: methods }
}

const initialized = (capabilities: unknown): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: 0,
    result: { protocolVersion: '2025-11-25', capabilities, serverInfo: {} },
  })
const discovered = (capabilities: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 0, result: { supportedVersions: ['2026-07-28'], capabilities } })
const ANSWERS = { initialize: initialized, discover: discovered } as const

function declared(read: ReadAccess, answer: string, format: ListFormat = 'json'): unknown {
  const text = format === 'json' ? answer : `event: message\ndata: ${answer}\n\n`
  const filtered = rewriteText(read, format, text).replace(/^event: message\ndata: /, '')
  return (JSON.parse(filtered) as { result: { capabilities: unknown } }).result.capabilities
}

const isAllowed = (read: ReadAccess, method: string): boolean => {
  const params = { name: [...read.tools][0], uri: 'a:b' }
  const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
  return judgeAccess(read, requestOf({ bytes, headers: {} })).outcome === 'allowed'
}

describe('The capabilities that a server declares', () => {
  it('are reduced to those of read-only access in the answer to initialize', () => {
    assert.deepEqual(declared(READ, initialized(EVERYTHING)), {
      logging: {},
      completions: {},
      prompts: { listChanged: true },
      resources: { subscribe: true, listChanged: false },
      tools: { listChanged: true },
    })
  })

  it('are reduced in the answer to server/discover, where changes need subscriptions/listen', () => {
    assert.deepEqual(declared(READ, discovered(EVERYTHING)), {
      logging: {},
      completions: {},
      prompts: {},
      resources: {},
      tools: {},
    })
  })

  it('are unchanged if all of them may be used', () => {
    const text = initialized({ tools: { listChanged: true }, logging: {} }).replaceAll(',"', ' ,\n"')
    assert.equal(rewriteText(READ, 'json', text), text)
  })

  const capability = fc.constantFrom(...Object.keys(EVERYTHING), 'Logging', 'vendor')
  const scenario = fc.record({
    capabilities: fc.dictionary(
      capability,
      fc.constantFrom({}, null, true, { subscribe: true }, { listChanged: true }, TASKS),
    ),
    methods: fc.subarray([...READING_METHODS, 'subscriptions/listen', 'vendor/search']),
    declaration: fc.constantFrom('initialize' as const, 'discover' as const),
    format: fc.constantFrom<ListFormat>('json', 'event_stream'),
  })

  it('are declared if and only if all of their methods are allowed', () => {
    let kept = 0
    let dropped = 0
    fc.assert(
      fc.property(scenario, ({ capabilities, methods, declaration, format }) => {
        const read = { tools: READ.tools, methods: new Set(methods) }
        const mayBeDeclared = (path: string): boolean => {
          const needed = METHODS_OF[path]?.[declaration]
          return needed?.every((method) => isAllowed(read, method)) === true
        }
        const expected = Object.entries(capabilities).flatMap(([name, value]) => {
          if (!mayBeDeclared(name)) return []
          if (typeof value !== 'object' || value === null) return [[name, value]]
          const members = Object.entries(value).filter(([member]) => mayBeDeclared(`${name}.${member}`))
          return [[name, Object.fromEntries(members)]]
        })
        const answer = ANSWERS[declaration](capabilities)
        assert.deepEqual(declared(read, answer, format), Object.fromEntries(expected))
        kept += expected.length
        dropped += Object.keys(capabilities).length - expected.length
      }),
      { seed: SEED, numRuns: 500 },
    )
    assert.ok(kept > 100 && dropped > 100, `${kept} kept, ${dropped} dropped`)
  })

  it('are refused if a client could read others than the filter', () => {
    for (const text of [
      initialized({}).replace('"capabilities"', '"Capabilities"'),
      initialized({}).replace('"capabilities":{}', '"capabilities":{},"capabilities":{"tasks":{}}'),
      initialized(['tasks']),
      discovered({}).replace('supportedVersions', 'SupportedVersions'),
    ]) {
      assert.throws(() => rewriteText(READ, 'json', text), UnreadableListError, text)
    }
    assert.equal(declared(READ, initialized(null)), null)
  })
})
