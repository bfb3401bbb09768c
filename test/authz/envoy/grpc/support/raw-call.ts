import { connect as connectHttp2, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2'
import { connect } from 'node:net'
import { closeAfterAll } from '../../../../support/close-after-all.ts'

export interface RawAnswer {
  readonly httpStatus: number | undefined
  readonly grpcStatus: number | undefined
  readonly grpcMessage: string | undefined
  readonly body: Buffer
  /** Of RST_STREAM; 0 is NO_ERROR. */
  readonly resetCode: number | undefined
}

export function openSession(path: string): ClientHttp2Session {
  const session = connectHttp2('http://localhost', { createConnection: () => connect(path) })
  session.on('error', () => undefined)
  closeAfterAll(() => session.destroy())
  return session
}

export function callHeaders(path: string, changes: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  return {
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...changes,
  }
}

/** One call with these bytes; with `open`, the client does not end it. */
export async function rawCall(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  { chunks, open = false }: { readonly chunks: readonly Uint8Array[]; readonly open?: boolean },
): Promise<RawAnswer> {
  const stream = session.request(headers, { endStream: chunks.length === 0 && !open })
  const received: Record<string, unknown> = {}
  const parts: Buffer[] = []
  stream.on('response', (response) => void Object.assign(received, response))
  stream.on('trailers', (trailers) => void Object.assign(received, trailers))
  stream.on('data', (part: Buffer) => parts.push(part))
  stream.on('error', () => undefined)
  const answered = new Promise<void>((resolve) => {
    // Like Envoy, an open call is reset once the trailers have arrived.
    stream.once(open ? 'end' : 'close', resolve)
  })
  for (const chunk of chunks) stream.write(chunk)
  if (!open) stream.end()
  await answered
  stream.close()
  const { ':status': httpStatus, 'grpc-status': grpcStatus, 'grpc-message': grpcMessage } = received
  return {
    httpStatus: httpStatus as number | undefined,
    grpcStatus: grpcStatus === undefined ? undefined : Number(grpcStatus),
    grpcMessage: grpcMessage as string | undefined,
    body: Buffer.concat(parts),
    resetCode: stream.rstCode,
  }
}

/** A gRPC frame, whose flag and length may be wrong. */
export function framed(message: string | Uint8Array, { flag = 0, length = message.length } = {}): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0])
  prefix.writeUInt32BE(length, 1)
  return Buffer.concat([prefix, Buffer.from(message)])
}
