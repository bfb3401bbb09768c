import type { JsonNode, JsonObject } from '../read-access/json-node.ts'
import type { ReadAccess } from '../read-access/may-use.ts'
import type { Edit } from './text-edits.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

/** The result that declares capabilities: of `initialize`, or of `server/discover` (MCP 2026-07-28). */
export type Declaration = 'initialize' | 'discover'

/** One capability of a server: the methods that it tells clients to use, and its members that tell of more. */
interface Capability {
  readonly methods: readonly string[]
  readonly members: Readonly<Record<string, Readonly<Record<Declaration, readonly string[]>>>>
}

/** Up to MCP 2025-11-25 changes come on a GET stream, which needs no method; from 2026-07-28 on a client asks for them. */
const LIST_CHANGED = { initialize: [], discover: ['subscriptions/listen'] }

/**
 * What a capability stands for (MCP, ServerCapabilities). Those of which we know no method (`tasks`, `experimental`,
 * `extensions`, any that comes later) are not here: their methods are refused.
 */
const CAPABILITIES: Readonly<Record<string, Capability>> = {
  tools: { methods: ['tools/list', 'tools/call'], members: { listChanged: LIST_CHANGED } },
  resources: {
    methods: ['resources/list', 'resources/read', 'resources/templates/list'],
    members: {
      listChanged: LIST_CHANGED,
      subscribe: {
        initialize: ['resources/subscribe', 'resources/unsubscribe'],
        discover: ['subscriptions/listen'],
      },
    },
  },
  prompts: { methods: ['prompts/list', 'prompts/get'], members: { listChanged: LIST_CHANGED } },
  completions: { methods: ['completion/complete'], members: {} },
  logging: { methods: ['logging/setLevel'], members: {} },
}

/**
 * Takes out of declared capabilities each one that stands for a method which a session of access `read` may not use:
 * a client that believes it would run into refusals.
 *
 * @param text - the text that the node was read from
 * @returns undefined where all of it stays
 * @throws UnreadableListError
 */
export function filterCapabilities(
  { methods }: ReadAccess,
  text: string,
  { node, declaration }: { readonly node: JsonNode; readonly declaration: Declaration },
): Edit | undefined {
  if (node.kind !== 'object') throw new UnreadableListError('not_an_object')
  const areAllowed = (names: readonly string[]): boolean => names.every((name) => methods.has(name))
  const kept = keep(text, node, (name, value) => {
    const capability = own(CAPABILITIES, name)
    if (capability === undefined || !areAllowed(capability.methods)) return undefined
    if (value.kind !== 'object') return text.slice(value.start, value.end)
    return keep(text, value, (member, { start, end }) => {
      const needed = own(capability.members, member)?.[declaration]
      return needed !== undefined && areAllowed(needed) ? text.slice(start, end) : undefined
    })
  })
  return kept === text.slice(node.start, node.end) ? undefined : { node, text: kept }
}

/**
 * An object with the members that are kept, each with the text that is its value then; the object's own text where
 * nothing changes.
 */
function keep(
  text: string,
  node: JsonObject & { readonly start: number; readonly end: number },
  valueOf: (name: string, value: JsonNode) => string | undefined,
): string {
  const kept: string[] = []
  let isChanged = false
  for (const [name, value] of node.members) {
    const written = valueOf(name, value)
    if (written !== text.slice(value.start, value.end)) isChanged = true
    if (written !== undefined) kept.push(`${JSON.stringify(name)}:${written}`)
  }
  return isChanged ? `{${kept.join(',')}}` : text.slice(node.start, node.end)
}

function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}
