import { isUtf8 } from 'node:buffer'
import type { ListDocument } from './answer-splitter.ts'
import { filterEvents } from './filter-events.ts'
import { filterLists } from './filter-lists.ts'
import type { ReadAccess } from '../read-access/may-use.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

/**
 * Leaves in a document of the service's what a session of access `read` may use. A document of 2 MiB takes up to 100 ms.
 *
 * @throws UnreadableListError for what could be read in two ways; nothing more of the answer may be sent then
 */
export function filterDocument(read: ReadAccess, { format, bytes, isFirst }: ListDocument): Uint8Array {
  if (format === 'event_stream') return filterEvents(bytes, isFirst, (data) => filterLists(read, data))
  if (!isUtf8(bytes)) throw new UnreadableListError('not_utf8')
  return Buffer.from(
    filterLists(read, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')),
  )
}
