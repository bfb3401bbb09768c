import { isUtf8 } from 'node:buffer'
import { COLON, CR, EventSplitter, LF } from './event-splitter.ts'
import { maySpell } from '../read-access/key-variants.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

const BYTE_ORDER_MARK = '\ufeff'
/** A line, and its line ending. */
const LINE = /([^\r\n]*)(\r\n|\r|\n)/g

interface Line {
  readonly text: string
  readonly ending: string
  /** Undefined for a comment or a field other than `data`. */
  readonly data: string | undefined
}

/**
 * Filters the data of server-sent events (WHATWG HTML 9.2). An event with unchanged data stays the same byte for byte; a
 * changed one keeps its other lines.
 *
 * @param events - complete events
 * @param isFirst - true at the beginning of the stream, where a byte order mark may be
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

/** True for an empty line or a comment that keeps the connection open: millions of them must cost little. */
function isEmpty(event: Uint8Array): boolean {
  return event[0] === LF || event[0] === CR || event[0] === COLON
}

/** Returns the new text of an event; undefined when it stays the same. */
function filterEvent(
  event: Uint8Array,
  isFirst: boolean,
  filterData: (data: string) => string,
): string | undefined {
  const text = Buffer.from(event.buffer, event.byteOffset, event.length).toString('utf8')
  const mark = isFirst && text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : ''
  const lines = linesOf(text.slice(mark.length))
  const data = lines.flatMap((line) => line.data ?? []).join('\n')
  // Without data, it is not a message.
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
  // A lenient client could read this field as data, which would not be filtered.
  if (maySpell('data', field)) throw new UnreadableListError('field_variant')
  return undefined
}

/** Replaces the first data line by the new data, and removes the others. */
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
