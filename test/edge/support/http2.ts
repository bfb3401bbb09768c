import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
  type IncomingHttpHeaders,
} from 'node:http2'
import { NO_ANSWER, type EdgeAnswer } from './http1.ts'

const MAX_MS = 5000
/** Sends single-value headers twice; @types/node has the option only for servers. */
const AS_IT_STANDS: ClientSessionOptions & { strictSingleValueFields: boolean } = {
  strictSingleValueFields: false,
}

/** Names and values in the order to send, pseudo-headers first. */
export type Http2Headers = readonly string[]

/** Sends one request over a connection of its own, without TLS, as a load balancer does. */
export async function http2(origin: string, headers: Http2Headers, body = ''): Promise<EdgeAnswer> {
  const session = http2Session(origin)
  try {
    return await http2On(session, headers, body)
  } finally {
    session.destroy()
  }
}

export function http2Session(origin: string): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${new URL(origin).port}`, AS_IT_STANDS)
  // Each stream reports the error too.
  session.on('error', () => undefined)
  return session
}

async function http2On(session: ClientHttp2Session, headers: Http2Headers, body = ''): Promise<EdgeAnswer> {
  const stream = session.request([...headers], { endStream: body === '' })
  if (body !== '') stream.end(body, 'latin1')
  return await answerOf(stream)
}

/** The pseudo-headers of a usual request for this target. */
export function pseudoHeaders(origin: string, target: string, method = 'GET'): string[] {
  const { host } = new URL(origin)
  return [':method', method, ':scheme', 'http', ':authority', host, ':path', target]
}

async function answerOf(stream: ClientHttp2Stream): Promise<EdgeAnswer> {
  const { promise, resolve } = Promise.withResolvers<EdgeAnswer>()
  let answer = NO_ANSWER
  let body = ''
  stream.setEncoding('latin1')
  stream.setTimeout(MAX_MS, () => stream.close())
  stream.on('response', (headers) => {
    answer = { ...NO_ANSWER, status: Number(headers[':status']), headers: valuesOf(headers) }
  })
  stream.on('data', (text: string) => (body += text))
  stream.on('error', () => undefined)
  stream.on('close', () => resolve({ ...answer, body }))
  return await promise
}

function valuesOf(headers: IncomingHttpHeaders): Map<string, readonly string[]> {
  const listed = Object.entries(headers).filter(([, value]) => value !== undefined)
  return new Map(listed.map(([name, value]) => [name, Array.isArray(value) ? value : [String(value)]]))
}
