// gRPC over HTTP/2 as grpc/grpc's PROTOCOL-HTTP2 has it, and of that what Envoy uses: unary methods and streams in
// both directions, uncompressed, without TLS. It stands on node:http2 and not on @grpc/grpc-js, as design.md first
// had it: grpc-js spends more on each call than a cached check does, and every request to a service waits for one.
// The tests ask it with grpc-js's client.
import { once } from 'node:events'
import { constants, createServer, type Http2Server, type Http2Session } from 'node:http2'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { listen } from '../../core/listen.ts'
import type { ListenAddress } from '../../core/settings.ts'
import { BOUNDS, LONGEST_UNARY_MS, MOST_CONNECTIONS, SHUTDOWN_MS } from './bounds.ts'
import type { Method } from './method.ts'
import { OpenCall, RESPONSE } from './open-call.ts'
import { serveStream } from './serve-stream.ts'
import { serveUnary } from './serve-unary.ts'
import { GrpcError, STATUS, statusHeaders, statusOf } from './status.ts'

/** What a message is written in; nothing else can be read. */
const CONTENT_TYPE = /^application\/grpc(\+proto)?\s*(;|$)/i

/** Serves methods; a call that nothing here serves, or that is malformed, ends with an error of its own. */
export class GrpcServer {
  readonly #server: Http2Server
  readonly #methods: ReadonlyMap<string, Method>
  readonly #sessions = new Set<Http2Session>()

  constructor(methods: readonly Method[]) {
    this.#methods = new Map(methods.map((method) => [method.path, method]))
    this.#server = createServer(BOUNDS)
    this.#server.maxConnections = MOST_CONNECTIONS
    this.#server.on('session', (session) => this.#keep(session))
    this.#server.on('stream', (stream, headers) => this.#serve(stream, headers))
  }

  async listen(address: ListenAddress): Promise<void> {
    await listen(this.#server, address)
  }

  /** Takes no more calls, answers those in flight, cuts those that take longer, and closes. */
  async stop(longestMs = SHUTDOWN_MS): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const session of this.#sessions) session.close()
    const timer = setTimeout(() => {
      for (const session of this.#sessions) session.destroy()
    }, longestMs)
    await closed
    clearTimeout(timer)
  }

  #keep(session: Http2Session): void {
    this.#sessions.add(session)
    session.once('close', () => this.#sessions.delete(session))
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    // A call that breaks off is its caller's concern; without a listener it would end the process.
    stream.on('error', () => undefined)
    const httpStatus = refusalOf(headers)
    if (httpStatus !== undefined) {
      refuse(stream, { ':status': httpStatus })
      return
    }
    try {
      const method = this.#methodOf(headers)
      if (method.kind === 'unary') serveUnary(method, new OpenCall(stream, headers, LONGEST_UNARY_MS))
      else void serveStream(method, new OpenCall(stream, headers, Infinity))
    } catch (error) {
      refuse(stream, { ...RESPONSE, ...statusHeaders(statusOf(error)) })
    }
  }

  #methodOf(headers: IncomingHttpHeaders): Method {
    const { ':path': path = '', 'grpc-encoding': encoding = 'identity' } = headers
    const method = this.#methods.get(path)
    if (method === undefined) throw new GrpcError(STATUS.UNIMPLEMENTED, 'there is no such method')
    if (encoding !== 'identity') throw new GrpcError(STATUS.UNIMPLEMENTED, 'compressed messages are not read')
    return method
  }
}

/** For what is no gRPC call at all, an HTTP status (405 Method Not Allowed, 415 Unsupported Media Type). */
function refusalOf(headers: IncomingHttpHeaders): 405 | 415 | undefined {
  if (headers[':method'] !== 'POST') return 405
  return CONTENT_TYPE.test(headers['content-type'] ?? '') ? undefined : 415
}

/** Answers without a body, and reads no more of the request. */
function refuse(stream: ServerHttp2Stream, headers: Record<string, string | number>): void {
  stream.respond(headers, { endStream: true })
  stream.close(constants.NGHTTP2_NO_ERROR)
}
