import { isUtf8 } from 'node:buffer'
import type { ListDocument } from './answer-splitter.ts'
import { filterEvents } from './filter-events.ts'
import { filterLists } from './filter-lists.ts'
import type { ReadAccess } from '../read-access/judge-call.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

/**
 * Removes from a document everything that read access does not include. 2 MiB take up to 100 ms.
 *
 * @throws UnreadableListError for a document that clients could read differently; the rest of the answer must not be sent
 */
export function filterDocument(read: ReadAccess, { format, bytes, isFirst }: ListDocument): Uint8Array {
  if (format === 'event_stream') return filterEvents(bytes, isFirst, (data) => filterLists(read, data))
  if (!isUtf8(bytes)) throw new UnreadableListError('not_utf8')
  return Buffer.from(
    filterLists(read, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')),
  )
}
