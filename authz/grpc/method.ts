import type { MethodDefinition } from '@grpc/proto-loader'
import type { Caller } from '../caller.ts'

/** One call, as its handler sees it. */
export interface Call extends Caller {
  /** Request metadata, by its name in lower case; several of one name are joined by commas. */
  metadata(name: string): string | undefined
}

/** One request, one response. What it throws ends the call: a GrpcError as it says, all else as INTERNAL. */
export type UnaryHandler<Request, Response> = (request: Request, call: Call) => Promise<Response>

/**
 * Requests and responses as they come. It ends after the requests have; one that returns before has failed, and
 * so has one that throws. The requests throw when the caller is gone.
 */
export type StreamHandler<Request, Response> = (
  requests: AsyncIterable<Request>,
  call: Call,
) => AsyncIterable<Response>

interface Wire {
  /** `/package.Service/Method`. */
  readonly path: string
  /** Of a request; a longer one ends the call. */
  readonly largestMessageBytes: number
  /** Throws for bytes that are no such message. */
  readonly decode: (bytes: Buffer) => unknown
  readonly encode: (message: unknown) => Buffer
}

export interface UnaryMethod extends Wire {
  readonly kind: 'unary'
  readonly handle: UnaryHandler<unknown, unknown>
}

export interface StreamMethod extends Wire {
  readonly kind: 'stream'
  readonly handle: StreamHandler<unknown, unknown>
}

export type Method = UnaryMethod | StreamMethod

/** What of a method's definition a server needs. */
export type Definition = Pick<
  MethodDefinition<object, object>,
  'path' | 'requestDeserialize' | 'responseSerialize'
>

/** The types are those of the .proto files, which nothing but the caller of this function can tell. */
export function unary<Request, Response extends object>(
  definition: Definition,
  largestMessageBytes: number,
  handle: UnaryHandler<Request, Response>,
): UnaryMethod {
  return {
    kind: 'unary',
    ...wireOf(definition, largestMessageBytes),
    handle: (request, call) => handle(request as Request, call),
  }
}

/** The same for a method with a stream in both directions. */
export function stream<Request, Response extends object>(
  definition: Definition,
  largestMessageBytes: number,
  handle: StreamHandler<Request, Response>,
): StreamMethod {
  return {
    kind: 'stream',
    ...wireOf(definition, largestMessageBytes),
    handle: (requests, call) => handle(requests as AsyncIterable<Request>, call),
  }
}

function wireOf(
  { path, requestDeserialize, responseSerialize }: Definition,
  largestMessageBytes: number,
): Wire {
  return {
    path,
    largestMessageBytes,
    decode: requestDeserialize,
    encode: (message) => responseSerialize(message as object),
  }
}
