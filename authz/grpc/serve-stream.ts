import { MessageReader } from './framing.ts'
import type { StreamMethod } from './method.ts'
import type { OpenCall } from './open-call.ts'
import { GrpcError, STATUS } from './status.ts'

/**
 * Answers a call of many requests. The next request is read when the handler asks for it, and the next response
 * taken when the last one is on its way: neither side can pile messages up here.
 */
export async function serveStream(method: StreamMethod, call: OpenCall): Promise<void> {
  const requests = new Requests(method, call)
  try {
    for await (const response of method.handle(requests, call)) {
      if (call.ended) return
      await call.send(method.encode(response))
    }
    // OK says that all of it was dealt with: Envoy then passes the rest of a message on as it is.
    if (!requests.heardAll) throw new GrpcError(STATUS.INTERNAL, 'the answer ended before the question')
    call.finish()
  } catch (error) {
    call.fail(error)
  } finally {
    // What was not read would keep the stream in memory for as long as its connection.
    call.stream.resume()
  }
}

class Requests implements AsyncIterable<unknown> {
  readonly #method: StreamMethod
  readonly #call: OpenCall
  heardAll = false

  constructor(method: StreamMethod, call: OpenCall) {
    this.#method = method
    this.#call = call
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    const { stream } = this.#call
    const reader = new MessageReader(this.#method.largestMessageBytes)
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      for (const message of reader.push(chunk)) yield this.#method.decode(message)
    }
    // Node throws for a call that was reset; should it ever not, that is no end either.
    if (this.#call.ended) throw new Error('the caller is gone')
    if (reader.unfinished) throw new GrpcError(STATUS.INTERNAL, 'a request ends too soon')
    this.heardAll = true
  }
}
