import {
  status,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type StatusObject,
} from '@grpc/grpc-js'
import type { Caller } from '../limits/caller.ts'

export interface Call extends Caller {
  /** A value of the call's metadata, by its name in lower case; several of one name are joined by commas. */
  metadata(name: string): string | undefined
}

/** One request, one response. A GrpcError ends the call with its status, any other error with INTERNAL. */
export type UnaryHandler<Request, Response> = (request: Request, call: Call) => Promise<Response>

/**
 * Requests and responses of one stream. A handler that returns before it has read all requests has failed. Reading
 * throws when the caller is gone.
 */
export type StreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: Call,
) => AsyncIterable<Response>

/** Does the work of one call, for instance as a span. */
export type Around = (call: Call, work: () => Promise<void>) => Promise<void>

/** Thrown to a handler whose caller is gone, and recognised by identity: one object serves all calls. */
const CALLER_GONE = new Error('the caller is gone')

/** Ends a call with a status. Envoy logs the message: it must not quote input or other errors. */
export class GrpcError extends Error {
  readonly code: status

  constructor(code: Exclude<status, status.OK>, message: string) {
    super(message)
    this.name = 'GrpcError'
    this.code = code
  }
}

export function unary<Request, Response>(
  handle: UnaryHandler<Request, Response>,
): handleUnaryCall<Request, Response> {
  return function answerCall(call, respond) {
    new Promise<Response>((resolve) => resolve(handle(call.request, new ReceivedCall(call)))).then(
      (response) => respond(null, response),
      (error: unknown) => respond(statusOf(error)),
    )
  }
}

/** Turns an async generator into a handler of grpc-js; each response waits until the previous one was written. */
export function bidiStream<Request, Response>(
  handle: StreamHandler<Request, Response>,
  around: Around = (_call, work) => work(),
): handleBidiStreamingCall<Request, Response> {
  return function answerStream(call) {
    // Without a listener, the error of a broken stream would end the process.
    call.on('error', () => undefined)
    const asked = new ReceivedCall(call)
    around(asked, () => serveStream(handle, call, asked)).catch((error: unknown) => {
      call.emit('error', statusOf(error))
    })
  }
}

async function serveStream<Request, Response>(
  handle: StreamHandler<Request, Response>,
  call: ServerDuplexStream<Request, Response>,
  asked: Call,
): Promise<void> {
  try {
    for await (const response of handle(requestsOf(call), asked)) {
      if (call.cancelled) return
      await send(call, response)
    }
  } catch (error) {
    // Clients close streams at any time: that is no failure.
    if (error === CALLER_GONE) return
    throw error
  }
  // After OK, Envoy passes the rest of the message on unfiltered.
  if (!call.readableEnded) throw new GrpcError(status.INTERNAL, 'the stream ended before its requests')
  call.end()
}

async function* requestsOf<Request>(call: ServerDuplexStream<Request, unknown>): AsyncGenerator<Request> {
  yield* call.iterator({ destroyOnReturn: false }) as AsyncIterable<Request>
  if (call.cancelled) throw CALLER_GONE
}

function send<Response>(call: ServerDuplexStream<unknown, Response>, response: Response): Promise<void> {
  return new Promise((resolve) => {
    call.once('close', resolve)
    call.write(response, () => {
      call.off('close', resolve)
      resolve()
    })
  })
}

/** Hides every error from the caller but a GrpcError, which is made for it. */
function statusOf(error: unknown): Partial<StatusObject> {
  return error instanceof GrpcError
    ? { code: error.code, details: error.message }
    : { code: status.INTERNAL, details: '' }
}

class ReceivedCall implements Call {
  readonly #call: ServerUnaryCall<unknown, unknown> | ServerDuplexStream<unknown, unknown>

  constructor(call: ServerUnaryCall<unknown, unknown> | ServerDuplexStream<unknown, unknown>) {
    this.#call = call
  }

  get isGone(): boolean {
    return this.#call.cancelled
  }

  metadata(name: string): string | undefined {
    const values = this.#call.metadata.get(name)
    return values.length === 0 ? undefined : values.join(', ')
  }
}
