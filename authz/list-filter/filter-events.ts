import { isUtf8 } from 'node:buffer'
import { COLON, CR, EventSplitter, LF } from './event-splitter.ts'
import { maySpell } from '../read-access/key-variants.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

const BYTE_ORDER_MARK = '\ufeff'
/** A line as it stands, and what ended it. */
const LINE = /([^\r\n]*)(\r\n|\r|\n)/g

interface Line {
  readonly text: string
  readonly ending: string
  /** What it adds to the event's data; undefined where it is another field or a comment. */
  readonly data: string | undefined
}

/**
 * Filters server-sent events (WHATWG HTML 9.2), one by one. An event whose data stays the same is sent on byte for byte,
 * one whose data changes keeps its other lines.
 *
 * @param events - whole ones
 * @param isFirst - they begin the stream, so a byte order mark may stand before them
 * @throws UnreadableListError
 */
export function filterEvents(
  events: Uint8Array,
  isFirst: boolean,
  filterData: (data: string) => string,
): Uint8Array {
  if (!isUtf8(events)) throw new UnreadableListError('not_utf8')
  const splitter = new EventSplitter()
  const written: Uint8Array[] = []
  let from = 0
  /** What stays as it is begins here. */
  let unchanged = 0
  for (let end = splitter.next(events, 0); end !== undefined; end = splitter.next(events, end)) {
    const event = events.subarray(from, end)
    const changed = isEmpty(event) ? undefined : filterEvent(event, isFirst && from === 0, filterData)
    if (changed !== undefined) {
      written.push(events.subarray(unchanged, from), Buffer.from(changed))
      unchanged = end
    }
    from = end
  }
  written.push(events.subarray(unchanged, from))
  return Buffer.concat(written)
}

/** An empty line, or a comment that keeps the connection open: millions of them must cost little. */
function isEmpty(event: Uint8Array): boolean {
  return event[0] === LF || event[0] === CR || event[0] === COLON
}

/** The text of an event that changes; undefined where it stays as it is. */
function filterEvent(
  event: Uint8Array,
  isFirst: boolean,
  filterData: (data: string) => string,
): string | undefined {
  const text = Buffer.from(event.buffer, event.byteOffset, event.length).toString('utf8')
  const mark = isFirst && text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : ''
  const lines = linesOf(text.slice(mark.length))
  const data = lines.flatMap((line) => line.data ?? []).join('\n')
  // Without data it is no message: an id alone, or the name of an event.
  const filtered = data.trim() === '' ? data : filterData(data)
  return filtered === data ? undefined : mark + withData(lines, filtered)
}

function linesOf(event: string): Line[] {
  return Array.from(event.matchAll(LINE), ([, text = '', ending = '']) => {
    return { text, ending, data: dataOf(text) }
  })
}

function dataOf(line: string): string | undefined {
  if (line === 'data') return ''
  const colon = line.indexOf(':')
  const field = colon < 0 ? line : line.slice(0, colon)
  if (field === 'data') return line.slice(line.startsWith('data: ') ? 'data: '.length : 'data:'.length)
  // A client that is not strict about its name would read more than was filtered.
  if (maySpell('data', field)) throw new UnreadableListError('field_variant')
  return undefined
}

/** The lines with new data in the place of the first that had any. */
function withData(lines: readonly Line[], data: string): string {
  const first = lines.findIndex((line) => line.data !== undefined)
  return lines
    .map((line, index) => {
      if (line.data === undefined) return line.text + line.ending
      return index === first
        ? data
            .split('\n')
            .map((part) => `data: ${part}${line.ending}`)
            .join('')
        : ''
    })
    .join('')
}
