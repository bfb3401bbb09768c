import { filterCapabilities } from './filter-capabilities.ts'
import { JsonFaultError, type JsonNode } from '../read-access/json-node.ts'
import { DecidingKeys } from '../read-access/key-variants.ts'
import { mayUse, type ReadAccess } from '../read-access/may-use.ts'
import { MESSAGE_KEYS } from '../read-access/message-keys.ts'
import { isPlain } from '../read-access/plain-text.ts'
import { scanJsonText } from '../read-access/scan-json.ts'
import { applyEdits, type Edit } from './text-edits.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

/** The lists of MCP: what an entry is known by, and the method that uses one. */
const LISTS = {
  tools: { key: 'name', method: 'tools/call' },
  resources: { key: 'uri', method: 'resources/read' },
  resourceTemplates: { key: 'uriTemplate', method: 'resources/read' },
  prompts: { key: 'name', method: 'prompts/get' },
} as const

type List = (typeof LISTS)[keyof typeof LISTS]

/** Where a server says what it can do, and the member that only the result of `server/discover` has. */
const CAPABILITIES = 'capabilities'
const SUPPORTED_VERSIONS = 'supportedVersions'

const RESULT_KEYS = new DecidingKeys(...Object.keys(LISTS), CAPABILITIES, SUPPORTED_VERSIONS)
const ENTRY_KEYS = new DecidingKeys('name', 'uri', 'uriTemplate')

/** In one answer: what a text costs depends on them. A list of thousands of tools with their schemas has half as many. */
const MAX_VALUES = 250_000

/**
 * Leaves in an answer what a session of access `read` may use: entries of lists, and the capabilities that the server
 * declares. All the rest of the text stays as it is, to the character. An answer that holds neither comes back the same.
 *
 * @throws UnreadableListError for what could be read in two ways, or as no message
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

/** A member of a message; `null` holds nothing, for any reader. */
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
