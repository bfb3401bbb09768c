import { EventSplitter } from './event-splitter.ts'
import { isJson } from '../read-access/received-body.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

/** Of one JSON answer, or one event. */
export const MAX_DOCUMENT_BYTES = 2 * 1_048_576

const EVENT_STREAM_TYPE = /^text\/event-stream(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?$/i
/** No encoding (RFC 9110 section 8.4.1); servers should not send it, and some do. */
const IDENTITY = 'identity'

export type ListFormat = 'json' | 'event_stream'

/** A part of an answer that can be filtered by itself: a JSON text, or whole events. */
export interface ListDocument {
  readonly format: ListFormat
  readonly bytes: Uint8Array
  /** It begins the answer. */
  readonly isFirst: boolean
}

/** Cuts one answer into documents, however it arrives in pieces: the pieces change nothing about what comes out. */
export interface AnswerSplitter {
  /** Of what was fed, and is not yet in a document. */
  readonly heldBytes: number
  /** @throws UnreadableListError for a document that is too large; nothing more of the answer may be sent then */
  feed(chunk: Uint8Array): ListDocument | undefined
  /** What is left when the answer is over. */
  end(): ListDocument | undefined
}

/** How an answer is read that has these headers (all values of each); undefined where it can't be. */
export function listFormatOf(
  contentType: readonly string[],
  contentEncoding: readonly string[],
): ListFormat | undefined {
  if (contentEncoding.some((encoding) => encoding.toLowerCase() !== IDENTITY)) return undefined
  if (isJson(contentType)) return 'json'
  const isStream = contentType.length === 1 && EVENT_STREAM_TYPE.test(contentType[0] ?? '')
  return isStream ? 'event_stream' : undefined
}

export function createAnswerSplitter(format: ListFormat): AnswerSplitter {
  return format === 'json' ? new JsonSplitter() : new EventStreamSplitter()
}

/** JSON is one document, which is read when all of it has come. */
class JsonSplitter implements AnswerSplitter {
  readonly #held = new Pieces()

  get heldBytes(): number {
    return this.#held.size
  }

  feed(chunk: Uint8Array): undefined {
    this.#held.add(chunk)
    if (this.#held.size > MAX_DOCUMENT_BYTES) throw new UnreadableListError('too_large')
  }

  end(): ListDocument {
    return { format: 'json', bytes: this.#held.take(), isFirst: true }
  }
}

/** Events are sent as each ends; the last, if it never ended, is forgotten, as a client must. */
class EventStreamSplitter implements AnswerSplitter {
  readonly #events = new EventSplitter(MAX_DOCUMENT_BYTES)
  readonly #held = new Pieces()
  #isFirst = true

  get heldBytes(): number {
    return this.#held.size
  }

  feed(chunk: Uint8Array): ListDocument | undefined {
    let ended = 0
    for (let end = this.#events.next(chunk, 0); end !== undefined; end = this.#events.next(chunk, end)) {
      ended = end
    }
    this.#held.add(chunk.subarray(0, ended))
    const bytes = ended > 0 ? this.#held.take() : undefined
    this.#held.add(chunk.subarray(ended))
    if (bytes === undefined) return undefined
    const isFirst = this.#isFirst
    this.#isFirst = false
    return { format: 'event_stream', bytes, isFirst }
  }

  end(): undefined {
    return undefined
  }
}

class Pieces {
  size = 0
  #pieces: Uint8Array[] = []

  add(piece: Uint8Array): void {
    if (piece.length === 0) return
    this.size += piece.length
    this.#pieces.push(piece)
  }

  take(): Uint8Array {
    const bytes = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.size = 0
    return bytes
  }
}
