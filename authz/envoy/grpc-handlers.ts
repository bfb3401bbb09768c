import {
  status,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type StatusObject,
} from '@grpc/grpc-js'

export interface Call {
  /** Aborted when the caller cancels, disconnects or its deadline passes. */
  readonly signal: AbortSignal
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

/** grpc-js emits `cancelled` for every call that ended; abort() without a reason makes an error with its stack each time. */
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
    const answer: typeof respond = (error, response) => {
      // grpc-js emits `cancelled` for this call too: to abort what has ended costs 1 % of a check.
      call.removeAllListeners('cancelled')
      respond(error, response)
    }
    new Promise<Response>((resolve) => resolve(handle(call.request, callOf(call)))).then(
      (response) => answer(null, response),
      (error: unknown) => answer(statusOf(error)),
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
    const asked = callOf(call)
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

function callOf(call: ServerUnaryCall<unknown, unknown> | ServerDuplexStream<unknown, unknown>): Call {
  const controller = new AbortController()
  if (call.cancelled) controller.abort(CALLER_GONE)
  else call.once('cancelled', () => controller.abort(CALLER_GONE))
  return {
    signal: controller.signal,
    metadata: (name) => {
      const values = call.metadata.get(name)
      return values.length === 0 ? undefined : values.join(', ')
    },
  }
}
