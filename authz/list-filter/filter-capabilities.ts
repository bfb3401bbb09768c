import type { JsonNode, JsonObject } from '../read-access/scan-json.ts'
import type { ReadAccess } from '../read-access/judge-call.ts'
import type { Edit } from './text-edits.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

/** The result with the capabilities: of `initialize`, or of `server/discover` (MCP 2026-07-28). */
export type Declaration = 'initialize' | 'discover'

/** The methods that a capability offers, and its members, which offer more. */
interface Capability {
  readonly methods: readonly string[]
  readonly members: Readonly<Record<string, Readonly<Record<Declaration, readonly string[]>>>>
}

/** Up to MCP 2025-11-25 changes arrive on a GET stream; since 2026-07-28 clients subscribe with a method. */
const LIST_CHANGED = { initialize: [], discover: ['subscriptions/listen'] }

/**
 * The methods of each capability (MCP, ServerCapabilities). `tasks`, `experimental`, `extensions` and future ones are
 * missing on purpose: their methods are refused.
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
 * Removes the capabilities whose methods read access does not include: clients would use them and be refused.
 *
 * @param text - from which the node was parsed
 * @returns undefined when nothing changes
 * @throws UnreadableListError
 */
export function filterCapabilities(
  { methods }: ReadAccess,
  text: string,
  { node, declaration }: { readonly node: JsonNode; readonly declaration: Declaration },
): Edit | undefined {
  if (node.kind !== 'object') throw new UnreadableListError('not_an_object')
  const areAllowed = (names: readonly string[]): boolean => names.every((name) => methods.has(name))
  const kept = rewriteObject(text, node, (name, value) => {
    const capability = own(CAPABILITIES, name)
    if (capability === undefined || !areAllowed(capability.methods)) return undefined
    if (value.kind !== 'object') return text.slice(value.start, value.end)
    return rewriteObject(text, value, (member, { start, end }) => {
      const needed = own(capability.members, member)?.[declaration]
      return needed !== undefined && areAllowed(needed) ? text.slice(start, end) : undefined
    })
  })
  return kept === text.slice(node.start, node.end) ? undefined : { node, text: kept }
}

/** Rewrites an object with the members whose value text `valueOf` returns; unchanged if all stay the same. */
function rewriteObject(
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
