import { isUtf8 } from 'node:buffer'
import { EventStreamFilter } from './event-stream-filter.ts'
import { filterLists } from './filter-lists.ts'
import type { ReadAccess } from './may-use.ts'
import { isJson } from './received-body.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

/** Of one JSON answer, or one event. */
export const LARGEST_ANSWER_BYTES = 8 * 1_048_576

const EVENT_STREAM_TYPE = /^text\/event-stream(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?$/i

export type ListFormat = 'json' | 'event_stream'

/** Filters one answer, however it arrives in pieces: the pieces change nothing about what comes out. */
export interface ListRewriter {
  /** Of what was fed, and neither sent nor forgotten. */
  readonly heldBytes: number
  /**
   * What may be sent now; empty where nothing may.
   *
   * @throws UnreadableListError then, and from then on; nothing more of the answer may be sent
   */
  feed(chunk: Uint8Array): Uint8Array
  /** What is left to send when the answer is over; throws as `feed` does. */
  end(): Uint8Array
}

/** How an answer is read that has these headers (all values of each); undefined where it can't be. */
export function listFormatOf(
  contentType: readonly string[],
  contentEncoding: readonly string[],
): ListFormat | undefined {
  if (contentEncoding.length > 0) return undefined
  if (isJson(contentType)) return 'json'
  const isStream = contentType.length === 1 && EVENT_STREAM_TYPE.test(contentType[0] ?? '')
  return isStream ? 'event_stream' : undefined
}

/** Leaves in an answer of the service's what a session of access `read` may use. */
export function createListRewriter(read: ReadAccess, format: ListFormat): ListRewriter {
  const filter = (text: string): string => filterLists(read, text)
  const rewriter =
    format === 'json' ? new JsonFilter(filter) : new EventStreamFilter(filter, LARGEST_ANSWER_BYTES)
  return neverAfterAThrow(rewriter)
}

/** JSON is read when all of it has come. */
class JsonFilter implements ListRewriter {
  readonly #filter: (text: string) => string
  readonly #chunks: Uint8Array[] = []
  #size = 0

  constructor(filter: (text: string) => string) {
    this.#filter = filter
  }

  get heldBytes(): number {
    return this.#size
  }

  feed(chunk: Uint8Array): Uint8Array {
    this.#size += chunk.length
    if (this.#size > LARGEST_ANSWER_BYTES) throw new UnreadableListError('too_large')
    this.#chunks.push(chunk)
    return Buffer.alloc(0)
  }

  end(): Uint8Array {
    const bytes = Buffer.concat(this.#chunks)
    if (!isUtf8(bytes)) throw new UnreadableListError('not_utf8')
    return Buffer.from(this.#filter(bytes.toString('utf8')))
  }
}

function neverAfterAThrow(rewriter: ListRewriter): ListRewriter {
  let broken = false
  const guarded = (step: () => Uint8Array): Uint8Array => {
    if (broken) throw new UnreadableListError('broken')
    broken = true
    const output = step()
    broken = false
    return output
  }
  return {
    get heldBytes() {
      return rewriter.heldBytes
    },
    feed: (chunk) => guarded(() => rewriter.feed(chunk)),
    end: () => guarded(() => rewriter.end()),
  }
}
