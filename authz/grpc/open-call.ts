import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { readTimeout } from './deadline.ts'
import { frame } from './framing.ts'
import type { Call } from './method.ts'
import { OK, STATUS, statusHeaders, statusOf, type Status } from './status.ts'

/** The headers that every gRPC response begins with. */
export const RESPONSE = { ':status': 200, 'content-type': 'application/grpc' } as const
/** Node sends a list as it is, without asking what time it is. */
const RESPONSE_AS_LIST = [':status', '200', 'content-type', 'application/grpc']
const WITH_TRAILERS = { waitForTrailers: true } as const
/** Node fires a timer that is longer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
const DEADLINE_EXCEEDED: Status = { code: STATUS.DEADLINE_EXCEEDED, message: 'it took too long' }

/** A call from its headers to its status, of which it sends one, and nothing after it. */
export class OpenCall implements Call {
  readonly stream: ServerHttp2Stream
  readonly #headers: IncomingHttpHeaders
  readonly #deadlineMs: number
  #status: Status | undefined

  /**
   * @param longestMs - that it may take, whatever the caller says
   * @throws GrpcError for a timeout that cannot be read
   */
  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, longestMs: number) {
    this.stream = stream
    this.#headers = headers
    const timeoutMs = Math.min(readTimeout(this.metadata('grpc-timeout')) ?? Infinity, longestMs)
    this.#deadlineMs = performance.now() + timeoutMs
    if (timeoutMs !== Infinity) this.#endAfter(timeoutMs)
  }

  /** By the clock, as a timer comes late to a process that is busy. */
  get ended(): boolean {
    return this.#isOver() || performance.now() >= this.#deadlineMs
  }

  metadata(name: string): string | undefined {
    const value = this.#headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  /** The response of a call that has one: message and status in one write. */
  answer(message: Uint8Array): void {
    if (this.#isOver()) return
    this.#begin()
    this.#status = OK
    this.stream.end(frame(message))
  }

  /** One response of several; resolves when there is room for the next, or nobody who would read it. */
  async send(message: Uint8Array): Promise<void> {
    if (this.#isOver()) return
    if (!this.stream.headersSent) this.#begin()
    await new Promise((resolve) => this.stream.write(frame(message), resolve))
  }

  finish(): void {
    this.#end(OK)
  }

  /** What was thrown stays here, but for a GrpcError. */
  fail(error: unknown): void {
    this.#end(statusOf(error))
  }

  #isOver(): boolean {
    return this.#status !== undefined || this.stream.closed || this.stream.destroyed
  }

  #begin(): void {
    this.stream.respond(RESPONSE_AS_LIST, WITH_TRAILERS)
    this.stream.once('wantTrailers', () => this.#sendTrailers())
  }

  #sendTrailers(): void {
    if (this.stream.closed || this.stream.destroyed) return
    this.stream.sendTrailers(statusHeaders(this.#status ?? OK))
    if (!this.stream.readableEnded) setImmediate(() => this.#stopListening())
  }

  #end(status: Status): void {
    if (this.#isOver()) return
    this.#status = status
    if (this.stream.headersSent) {
      // Not closed before its trailers are sent: Node 24 takes all the memory there is then, and dies.
      this.stream.end()
    } else {
      this.stream.respond({ ...RESPONSE, ...statusHeaders(status) }, { endStream: true })
      this.#stopListening()
    }
  }

  /** Whatever the caller has still to say, nobody reads it. */
  #stopListening(): void {
    this.stream.close(constants.NGHTTP2_NO_ERROR)
  }

  #endAfter(timeoutMs: number): void {
    const timer = setTimeout(() => this.#end(DEADLINE_EXCEEDED), Math.min(timeoutMs, LONGEST_TIMER_MS))
    this.stream.once('close', () => clearTimeout(timer))
  }
}
