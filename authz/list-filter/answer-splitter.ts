import { EventSplitter } from './event-splitter.ts'
import { isJson } from '../read-access/received-body.ts'
import { UnreadableListError } from './unreadable-list-error.ts'

/** Max size of a JSON answer or an event. */
export const MAX_DOCUMENT_BYTES = 2 * 1_048_576

const EVENT_STREAM_TYPE = /^text\/event-stream(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?$/i
/** Means no encoding (RFC 9110 section 8.4.1); some servers send it. */
const IDENTITY = 'identity'

export type ListFormat = 'json' | 'event_stream'

/** A part of an answer that is filtered by itself: a JSON text, or whole events. */
export interface ListDocument {
  readonly format: ListFormat
  readonly bytes: Uint8Array
  readonly isFirst: boolean
}

/** Splits an answer into documents; how it arrives in chunks does not matter. */
export interface AnswerSplitter {
  /** Bytes that wait for the end of their document. */
  readonly heldBytes: number
  /** @throws UnreadableListError for a document that is too large; the rest of the answer must not be sent */
  feed(chunk: Uint8Array): ListDocument | undefined
  /** Returns the last document when the answer has ended. */
  end(): ListDocument | undefined
}

/** Finds the format of an answer from all values of its headers; undefined when it cannot be filtered. */
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

/** JSON is one document; it is filtered when the answer has ended. */
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

/** Sends events as they end. An unfinished last event is dropped, as clients must (WHATWG HTML 9.2). */
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
