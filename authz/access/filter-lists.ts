import { JsonFaultError, type JsonNode } from './json-node.ts'
import { DecidingKeys } from './key-variants.ts'
import { mayUse, type ReadAccess } from './may-use.ts'
import { MESSAGE_KEYS } from './message-keys.ts'
import { isPlain } from './plain-text.ts'
import { scanJsonText } from './scan-json.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

/** The lists of MCP: what an entry is known by, and the method that uses one. */
const LISTS = {
  tools: { key: 'name', method: 'tools/call' },
  resources: { key: 'uri', method: 'resources/read' },
  resourceTemplates: { key: 'uriTemplate', method: 'resources/read' },
  prompts: { key: 'name', method: 'prompts/get' },
} as const

type List = (typeof LISTS)[keyof typeof LISTS]

const RESULT_KEYS = new DecidingKeys(...Object.keys(LISTS))
const ENTRY_KEYS = new DecidingKeys('name', 'uri', 'uriTemplate')

/**
 * In one answer: a list of thousands of tools with their schemas has half as many. Eight megabytes could hold four
 * million, and keep every other request waiting for seconds.
 */
const MOST_VALUES = 250_000

/** A list that becomes shorter. */
interface Shortened {
  readonly list: JsonNode
  readonly kept: readonly JsonNode[]
}

/**
 * Leaves in the lists of an answer what a session of access `read` may use; all the rest of the text stays as it
 * is, to the character. An answer that holds no list comes back the same.
 *
 * @throws UnreadableListError for what could be read in two ways, or as no message
 */
export function filterLists(read: ReadAccess, text: string): string {
  const shortened = messagesIn(text)
    .flatMap(listsIn)
    .map(({ node, list }) => ({ list: node, kept: node.items.filter((item) => isUsable(read, list, item)) }))
    .filter(({ list, kept }) => kept.length < list.items.length)
  return rewrite(text, shortened)
}

function messagesIn(text: string): readonly JsonNode[] {
  try {
    const root = scanJsonText(text, MOST_VALUES)
    return root.kind === 'array' ? root.items : [root]
  } catch (error) {
    if (error instanceof JsonFaultError) throw new UnreadableListError(error.fault)
    throw error
  }
}

function listsIn(message: JsonNode) {
  const result = membersOf(message, MESSAGE_KEYS).get('result')
  if (result === undefined) return []
  const members = membersOf(result, RESULT_KEYS)
  return Object.entries(LISTS).flatMap(([key, list]) => {
    const node = members.get(key)
    if (node === undefined) return []
    if (node.kind !== 'array') throw new UnreadableListError('not_a_list')
    return [{ node, list }]
  })
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

function rewrite(text: string, shortened: readonly Shortened[]): string {
  const inOrder = shortened.toSorted((one, other) => one.list.start - other.list.start)
  let written = ''
  let from = 0
  for (const { list, kept } of inOrder) {
    const items = kept.map(({ start, end }) => text.slice(start, end))
    written += `${text.slice(from, list.start)}[${items.join(',')}]`
    from = list.end
  }
  return written + text.slice(from)
}
