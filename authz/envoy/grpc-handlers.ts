import {
  status,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type StatusObject,
} from '@grpc/grpc-js'
import type { Caller } from '../stages/caller.ts'

/** One gRPC call, as its handler sees it. */
export interface Call extends Caller {
  /** One value of the call's metadata, by its name in lower case; several of one name are joined by commas. */
  metadata(name: string): string | undefined
}

/** One request, one response. A GrpcError ends the call with its status, any other error with INTERNAL. */
export type UnaryHandler<Request, Response> = (request: Request, call: Call) => Promise<Response>

/**
 * Requests and responses of one stream. It must read all requests before it returns: a handler that returns earlier
 * has failed. Reading throws when the caller is gone.
 */
export type StreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: Call,
) => AsyncIterable<Response>

/** Ends a call with a status. Envoy logs the message: it must not quote what was read or thrown. */
export class GrpcError extends Error {
  readonly code: status

  constructor(code: Exclude<status, status.OK>, message: string) {
    super(message)
    this.name = 'GrpcError'
    this.code = code
  }
}

/** Turns a promise-returning handler into one of grpc-js. */
export function unary<Request, Response>(
  handle: UnaryHandler<Request, Response>,
): handleUnaryCall<Request, Response> {
  return function answerCall(call, respond) {
    new Promise<Response>((resolve) => resolve(handle(call.request, new OpenCall(call)))).then(
      (response) => respond(null, response),
      (error: unknown) => respond(statusOf(error)),
    )
  }
}

/** Turns an async generator into a handler of grpc-js; each response waits until the previous one is on its way. */
export function bidiStream<Request, Response>(
  handle: StreamHandler<Request, Response>,
): handleBidiStreamingCall<Request, Response> {
  return function answerStream(call) {
    // A stream that breaks off is its caller's concern; without a listener the error would end the process.
    call.on('error', () => undefined)
    void serveStream(handle, call)
  }
}

async function serveStream<Request, Response>(
  handle: StreamHandler<Request, Response>,
  call: ServerDuplexStream<Request, Response>,
): Promise<void> {
  try {
    for await (const response of handle(requestsOf(call), new OpenCall(call))) {
      if (call.cancelled) return
      await send(call, response)
    }
    // After OK, Envoy passes the rest of the message on unfiltered.
    if (!call.readableEnded) throw new GrpcError(status.INTERNAL, 'the stream ended before its requests')
    call.end()
  } catch (error) {
    call.emit('error', statusOf(error))
  }
}

async function* requestsOf<Request>(call: ServerDuplexStream<Request, unknown>): AsyncGenerator<Request> {
  yield* call.iterator({ destroyOnReturn: false }) as AsyncIterable<Request>
  if (call.cancelled) throw new Error('the caller is gone')
}

/** Resolves when the response is on its way, or its caller is gone. */
function send<Response>(call: ServerDuplexStream<unknown, Response>, response: Response): Promise<void> {
  return new Promise((resolve) => {
    call.once('close', resolve)
    call.write(response, () => {
      call.off('close', resolve)
      resolve()
    })
  })
}

/** What the caller is told of an error: nothing, unless the error was made for the caller. */
function statusOf(error: unknown): Partial<StatusObject> {
  return error instanceof GrpcError
    ? { code: error.code, details: error.message }
    : { code: status.INTERNAL, details: '' }
}

class OpenCall implements Call {
  readonly #call: ServerUnaryCall<unknown, unknown> | ServerDuplexStream<unknown, unknown>
  readonly #deadline: number

  constructor(call: ServerUnaryCall<unknown, unknown> | ServerDuplexStream<unknown, unknown>) {
    this.#call = call
    this.#deadline = Number(call.getDeadline())
  }

  /** By the clock too, as a timer comes late to a process that is busy. */
  get ended(): boolean {
    return this.#call.cancelled || Date.now() >= this.#deadline
  }

  metadata(name: string): string | undefined {
    const values = this.#call.metadata.get(name)
    return values.length === 0 ? undefined : values.join(', ')
  }
}
