import { connect } from 'node:net'

/** An answer, over HTTP/1.1 or HTTP/2. */
export interface EdgeAnswer {
  /** 0 without an answer: the connection was closed, or the stream reset. */
  readonly status: number
  /** By name in lower case: every value, in the order in which they came. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: string
}

const MAX_MS = 5000
export const NO_ANSWER: EdgeAnswer = { status: 0, headers: new Map(), body: '' }

/** A request as text, which is sent byte for byte. */
export interface Http1Request {
  readonly method?: string
  readonly target: string
  readonly version?: string
  /** Lines after the first one; the Connect host's name is added where none of them is a Host. */
  readonly lines?: readonly string[]
  readonly body?: string
}

/** Sends one request over a connection of its own; every character is one byte (latin1). */
export async function http1(origin: string, request: Http1Request): Promise<EdgeAnswer> {
  const { method = 'GET', target, version = 'HTTP/1.1', lines = [], body = '' } = request
  const host = lines.some((line) => /^host:/i.test(line)) ? [] : [`Host: ${new URL(origin).host}`]
  const head = [`${method} ${target} ${version}`, ...host, ...lines, 'Connection: close'].join('\r\n')
  return await http1Bytes(origin, `${head}\r\n\r\n${body}`)
}

interface Http1Reading {
  /** Timeout without data. */
  readonly maxMs?: number
  /** Reads bytes after the first answer into its body. */
  readonly untilClosed?: boolean
}

/**
 * Sends these bytes, and reads until the answer is whole: after an error Envoy leaves the connection open for a
 * second (delayed_close_timeout).
 */
export async function http1Bytes(
  origin: string,
  bytes: string,
  { maxMs = MAX_MS, untilClosed = false }: Http1Reading = {},
): Promise<EdgeAnswer> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  socket.setTimeout(maxMs, () => socket.destroy())
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
    if (!untilClosed && isWhole(parse(text))) socket.destroy()
  })
  // Envoy may close while we still write: its answer came before.
  socket.on('error', () => undefined)
  const { promise: closed, resolve } = Promise.withResolvers<undefined>()
  socket.on('close', () => resolve(undefined))
  socket.write(bytes, 'latin1')
  await closed
  return parse(text)
}

function isWhole({ status, headers, body }: EdgeAnswer): boolean {
  const [length] = headers.get('content-length') ?? []
  if (status === 204 || status === 304) return true
  if (headers.has('transfer-encoding')) return body.endsWith('0\r\n\r\n')
  return length !== undefined && body.length >= Number(length)
}

function parse(text: string): EdgeAnswer {
  const at = text.indexOf('\r\n\r\n')
  if (at === -1) return NO_ANSWER
  const [first = '', ...lines] = text.slice(0, at).split('\r\n')
  const body = text.slice(at + 4)
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(first) ?? []
  if (status === undefined) return NO_ANSWER
  // An answer of its own, before the one that is meant.
  return status === '100' ? parse(body) : { status: Number(status), headers: headersOf(lines), body }
}

function headersOf(lines: readonly string[]): Map<string, readonly string[]> {
  const headers = new Map<string, readonly string[]>()
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? []
    const before = headers.get(name.toLowerCase()) ?? []
    headers.set(name.toLowerCase(), [...before, value])
  }
  return headers
}
