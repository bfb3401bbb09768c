import { once } from 'node:events'
import { connect, createServer, type ClientHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { IncomingHttpHeaders } from 'node:http2'
import { createConnection } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { AUTHORIZATION_SERVICE, loadAuthorization } from '../../../proto/load.ts'

const CHECK = `/${AUTHORIZATION_SERVICE}/Check`
/** Of a gRPC message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5

const { Check } = loadAuthorization()

export interface Question {
  readonly stage: string
  /** Every value of a header, pseudo-headers among them. */
  values(name: string): string[]
  readonly context: { readonly service?: string; readonly path?: string; readonly reads?: string }
}

/** Stands between Envoy and authz: records every check, and may answer it. */
export interface AuthzWitness {
  readonly questions: Question[]
  /**
   * Answers a check in place of authz with a CheckResponse, or a promise of one; undefined passes the check on.
   */
  script: ((question: Question) => object | Promise<object | undefined> | undefined) | undefined
}

/** @param authz - authz's own socket; @param at - the socket for Envoy */
export function startAuthzWitness(authz: string, at: string): AuthzWitness & { stop(): Promise<void> } {
  const witness: AuthzWitness = { questions: [], script: undefined }
  let session: ClientHttp2Session | undefined
  const toAuthz = (): ClientHttp2Session => {
    if (session === undefined || session.closed || session.destroyed) {
      session = connect('http://authz', { createConnection: () => createConnection(authz) })
      session.on('error', () => undefined)
    }
    return session
  }

  async function receive(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    if (headers[':path'] !== CHECK) {
      const outgoing = passOn(stream, toAuthz().request(headers))
      stream.pipe(outgoing)
      return
    }
    const bytes = await buffer(stream)
    const question = { ...read(bytes), stage: String(headers['x-stage']) }
    witness.questions.push(question)
    const scripted = await witness.script?.(question)
    if (stream.destroyed) return
    if (scripted === undefined) passOn(stream, toAuthz().request(headers)).end(bytes)
    else answer(stream, scripted)
  }

  const server = createServer()
  const sessions = new Set<{ destroy(): void }>()
  server.on('session', (each) => void sessions.add(each))
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined)
    receive(stream, headers).catch(() => stream.close())
  })
  server.listen(at)
  return Object.assign(witness, {
    stop: async () => {
      session?.destroy()
      for (const each of sessions) each.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  })
}

function passOn(stream: ServerHttp2Stream, outgoing: ReturnType<ClientHttp2Session['request']>) {
  let trailers: IncomingHttpHeaders = {}
  outgoing.on('error', () => stream.close())
  outgoing.on('trailers', (received: IncomingHttpHeaders) => (trailers = received))
  outgoing.on('response', (headers, flags) => {
    // Ended with its headers already: an error of gRPC.
    const endStream = (flags & 0x1) !== 0
    stream.respond(headers, { waitForTrailers: !endStream, endStream })
    stream.on('wantTrailers', () => stream.sendTrailers(trailers))
    if (!endStream) outgoing.pipe(stream)
  })
  stream.on('aborted', () => outgoing.close())
  return outgoing
}

function answer(stream: ServerHttp2Stream, message: object): void {
  const bytes = Check?.responseSerialize(message) ?? Buffer.alloc(0)
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(bytes.length, 1)
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.end(Buffer.concat([prefix, bytes]))
}

interface Message {
  readonly attributes?: {
    readonly request?: {
      readonly http?: {
        readonly header_map?: { readonly headers?: readonly { key: string; raw_value?: Buffer }[] }
      }
    }
    readonly context_extensions?: Question['context']
  }
}

function read(bytes: Buffer): Omit<Question, 'stage'> {
  const { attributes } = Check?.requestDeserialize(bytes.subarray(PREFIX_BYTES)) as Message
  const headers = attributes?.request?.http?.header_map?.headers ?? []
  return {
    values: (name) =>
      headers.filter(({ key }) => key === name).map(({ raw_value }) => raw_value?.toString('latin1') ?? ''),
    context: attributes?.context_extensions ?? {},
  }
}
