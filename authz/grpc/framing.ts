import { GrpcError, STATUS } from './status.ts'

/** One byte that says whether the message is compressed, four that say how long it is. */
const PREFIX_BYTES = 5
const EMPTY = Buffer.alloc(0)

/** A message with the prefix that it travels under. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length)
  framed[0] = 0
  framed.writeUInt32BE(message.length, 1)
  framed.set(message, PREFIX_BYTES)
  return framed
}

/**
 * Finds the messages in what one caller sends, however it is cut. It holds one unfinished message at most, in a
 * buffer of that message's own size, so that a message sent byte by byte costs no more than one sent at once.
 */
export class MessageReader {
  readonly #largestBytes: number
  readonly #prefix = Buffer.allocUnsafe(PREFIX_BYTES)
  #prefixBytes = 0
  #message = EMPTY
  #messageBytes = 0

  /** @param largestBytes - that a message may have; a longer one is refused before it is read */
  constructor(largestBytes: number) {
    this.#largestBytes = largestBytes
  }

  /** Whether a message has begun and not ended. */
  get unfinished(): boolean {
    return this.#prefixBytes > 0
  }

  /**
   * The messages that end in this chunk.
   *
   * @throws GrpcError for one that is compressed or too long
   */
  push(chunk: Buffer): Buffer[] {
    const messages: Buffer[] = []
    for (let at = 0; at < chunk.length;) {
      at += this.#readPrefix(chunk, at)
      if (this.#prefixBytes < PREFIX_BYTES) break
      at += this.#readMessage(chunk, at)
      if (this.#messageBytes < this.#message.length) break
      messages.push(this.#message)
      this.#prefixBytes = 0
    }
    return messages
  }

  /** How many bytes of the chunk belonged to it. */
  #readPrefix(chunk: Buffer, at: number): number {
    if (this.#prefixBytes === PREFIX_BYTES) return 0
    const read = chunk.copy(this.#prefix, this.#prefixBytes, at)
    this.#prefixBytes += read
    if (this.#prefixBytes === PREFIX_BYTES) this.#beginMessage()
    return read
  }

  #beginMessage(): void {
    const compressed = this.#prefix[0]
    if (compressed === 1) throw new GrpcError(STATUS.UNIMPLEMENTED, 'compressed messages are not read')
    if (compressed !== 0) throw new GrpcError(STATUS.INTERNAL, 'a message has no valid prefix')
    const length = this.#prefix.readUInt32BE(1)
    if (length > this.#largestBytes) throw new GrpcError(STATUS.RESOURCE_EXHAUSTED, 'a message is too long')
    this.#message = Buffer.allocUnsafe(length)
    this.#messageBytes = 0
  }

  #readMessage(chunk: Buffer, at: number): number {
    const read = chunk.copy(this.#message, this.#messageBytes, at)
    this.#messageBytes += read
    return read
  }
}
