import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { closeAfterAll } from '../../../../support/close-after-all.ts'

/** RFC 9113 section 6. */
export const FRAME = { DATA: 0, HEADERS: 1, RST_STREAM: 3, SETTINGS: 4, PING: 6, GOAWAY: 7 } as const
export const END_STREAM = 1
const END_HEADERS = 4

/** RFC 9113 section 3.4. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

const NOTHING = new Uint8Array()

export function h2Frame(
  type: number,
  streamId: number,
  { flags = 0, payload = NOTHING }: { readonly flags?: number; readonly payload?: Uint8Array } = {},
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(streamId, 5)
  return Buffer.concat([head, payload])
}

/** HEADERS of a gRPC call, before its request. */
export function callFrame(streamId: number, path: string): Buffer {
  const fields = {
    ':method': 'POST',
    ':scheme': 'http',
    ':authority': 'authz',
    ':path': path,
    'content-type': 'application/grpc',
  }
  const payload = Buffer.concat(Object.entries(fields).map(([name, value]) => literal(name, value)))
  return h2Frame(FRAME.HEADERS, streamId, { flags: END_HEADERS, payload })
}

/** An HPACK literal without indexing and Huffman code (RFC 7541 section 6.2.2), shorter than 127 bytes. */
function literal(name: string, value: string): Buffer {
  const texts = [name, value].map((text) => [text.length, ...Buffer.from(text)])
  return Buffer.from([0, ...texts.flat()])
}

export function resetFrame(streamId: number, code = 8): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(code)
  return h2Frame(FRAME.RST_STREAM, streamId, { payload })
}

export async function openSocket(path: string): Promise<Socket> {
  const socket = connect(path)
  socket.on('error', () => undefined)
  closeAfterAll(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** A connection after the HTTP/2 preface. */
export async function greet(path: string): Promise<Socket> {
  const socket = await openSocket(path)
  socket.write(Buffer.concat([PREFACE, h2Frame(FRAME.SETTINGS, 0)]))
  return socket
}
