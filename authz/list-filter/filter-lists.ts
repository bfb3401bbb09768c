import { filterCapabilities } from './filter-capabilities.ts'
import { DecidingKeys, isPlain, MESSAGE_KEYS } from '../read-access/key-variants.ts'
import { mayUse, type ReadAccess } from '../read-access/judge-call.ts'
import { JsonFaultError, scanJsonText, type JsonNode } from '../read-access/scan-json.ts'
import { applyEdits, type Edit } from './text-edits.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

/** MCP's lists: the key that names an entry, and the method that uses an entry. */
const LISTS = {
  tools: { key: 'name', method: 'tools/call' },
  resources: { key: 'uri', method: 'resources/read' },
  resourceTemplates: { key: 'uriTemplate', method: 'resources/read' },
  prompts: { key: 'name', method: 'prompts/get' },
} as const

type List = (typeof LISTS)[keyof typeof LISTS]

const CAPABILITIES = 'capabilities'
/** Only the result of `server/discover` has it. */
const SUPPORTED_VERSIONS = 'supportedVersions'

const RESULT_KEYS = new DecidingKeys(...Object.keys(LISTS), CAPABILITIES, SUPPORTED_VERSIONS)
const ENTRY_KEYS = new DecidingKeys('name', 'uri', 'uriTemplate')

/** In one answer, as each costs time; thousands of tools with their schemas have half as many. */
const MAX_VALUES = 250_000

/**
 * Removes from an answer the list entries and capabilities that read access does not include. All other text stays the
 * same, character for character.
 *
 * @throws UnreadableListError for an answer that clients could read differently, or that is not a message
 */
export function filterLists(read: ReadAccess, text: string): string {
  return applyEdits(
    text,
    messagesIn(text).flatMap((message) => editsIn(read, text, message)),
  )
}

function messagesIn(text: string): readonly JsonNode[] {
  try {
    const root = scanJsonText(text, MAX_VALUES)
    return root.kind === 'array' ? root.items : [root]
  } catch (error) {
    if (error instanceof JsonFaultError) throw new UnreadableListError(error.fault)
    throw error
  }
}

function editsIn(read: ReadAccess, text: string, message: JsonNode): Edit[] {
  const result = memberOf(membersOf(message, MESSAGE_KEYS), 'result')
  if (result === undefined) return []
  const members = membersOf(result, RESULT_KEYS)
  const lists = Object.entries(LISTS).map(([key, list]) =>
    filterList(read, text, { node: memberOf(members, key), list }),
  )
  return [...lists, capabilitiesEdit(read, text, members)].filter((edit) => edit !== undefined)
}

function filterList(
  read: ReadAccess,
  text: string,
  { node, list }: { readonly node: JsonNode | undefined; readonly list: List },
): Edit | undefined {
  if (node === undefined) return undefined
  if (node.kind !== 'array') throw new UnreadableListError('not_a_list')
  const kept = node.items.filter((item) => isUsable(read, list, item))
  if (kept.length === node.items.length) return undefined
  return { node, text: `[${kept.map(({ start, end }) => text.slice(start, end)).join(',')}]` }
}

function capabilitiesEdit(
  read: ReadAccess,
  text: string,
  members: ReadonlyMap<string, JsonNode>,
): Edit | undefined {
  const node = memberOf(members, CAPABILITIES)
  if (node === undefined) return undefined
  const declaration = members.has(SUPPORTED_VERSIONS) ? 'discover' : 'initialize'
  return filterCapabilities(read, text, { node, declaration })
}

/** Returns a member; undefined for `null`. */
function memberOf(members: ReadonlyMap<string, JsonNode>, key: string): JsonNode | undefined {
  const node = members.get(key)
  return node?.kind === 'null' ? undefined : node
}

function membersOf(node: JsonNode, keys: DecidingKeys): ReadonlyMap<string, JsonNode> {
  if (node.kind !== 'object') throw new UnreadableListError('not_an_object')
  if (keys.haveVariantIn(node.members.keys())) throw new UnreadableListError('key_variant')
  return node.members
}

function isUsable(read: ReadAccess, { key, method }: List, entry: JsonNode): boolean {
  if (entry.kind !== 'object' || ENTRY_KEYS.haveVariantIn(entry.members.keys())) return false
  const node = entry.members.get(key)
  return node?.kind === 'string' && isPlain(node.value) && mayUse(read, { method, name: node.value })
}
