import { connect } from 'node:net'
import type { Http2Headers } from './http2.ts'

const MAX_MS = 2000
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const FRAME_HEADER_BYTES = 9
const HEADERS = 1
const RST_STREAM = 3
const SETTINGS = 4
const GOAWAY = 7
const END_STREAM_AND_HEADERS = 0x5
/** A literal without indexing (RFC 7541 section 6.2.2). */
const LITERAL = 0
/** `:status: 200` of the static table (RFC 7541 appendix A). */
const STATUS_200 = 0x88

/** Envoy's reaction to a request that Node's client cannot send. */
export type FramesAnswer = 'reset' | 'closed' | 'answered 200' | 'answered otherwise'

/** Sends one request in hand-made HTTP/2 frames (RFC 9113), unchecked. */
export async function http2Frames(origin: string, headers: Http2Headers): Promise<FramesAnswer> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  socket.setTimeout(MAX_MS, () => socket.destroy())
  socket.on('error', () => undefined)
  let received = Buffer.alloc(0)
  let answer: FramesAnswer = 'closed'
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    const read = readFrames(received)
    if (read === undefined) return
    answer = read
    socket.destroy()
  })
  const { promise: closed, resolve } = Promise.withResolvers<undefined>()
  socket.on('close', () => resolve(undefined))
  socket.write(PREFACE)
  socket.write(frame(SETTINGS, { stream: 0, flags: 0, payload: Buffer.alloc(0) }))
  const payload = Buffer.concat(headers.map((text, at) => literal(text, at % 2 === 0)))
  socket.write(frame(HEADERS, { stream: 1, flags: END_STREAM_AND_HEADERS, payload }))
  await closed
  return answer
}

function frame(
  type: number,
  { stream, flags, payload }: { stream: number; flags: number; payload: Buffer },
): Buffer {
  const head = Buffer.alloc(FRAME_HEADER_BYTES)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A name with its literal's first byte, or a value: length with seven bits and more (RFC 7541 section 5.1), no Huffman. */
function literal(text: string, isName: boolean): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  return Buffer.concat([Buffer.from(isName ? [LITERAL] : []), Buffer.from(lengthOf(bytes.length)), bytes])
}

function lengthOf(length: number): number[] {
  if (length < 127) return [length]
  const bytes = [127]
  let rest = length - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return [...bytes, rest]
}

function readFrames(bytes: Buffer): FramesAnswer | undefined {
  let at = 0
  while (at + FRAME_HEADER_BYTES <= bytes.length) {
    const length = bytes.readUIntBE(at, 3)
    const type = bytes.readUInt8(at + 3)
    if (type === RST_STREAM || type === GOAWAY) return 'reset'
    const block = at + FRAME_HEADER_BYTES
    if (type === HEADERS && block < bytes.length) {
      return bytes[block] === STATUS_200 ? 'answered 200' : 'answered otherwise'
    }
    at = block + length
  }
  return undefined
}
