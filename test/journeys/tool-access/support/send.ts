import { randomUUID } from 'node:crypto'
import { http1, type EdgeAnswer } from '../../../edge/support/http1.ts'
import { http2, pseudoHeaders } from '../../../edge/support/http2.ts'
import type { Protocol } from '../../../edge/support/ask.ts'
import type { ConnectedUser } from '../../support/connected-user.ts'
import type { AccessStack } from './access-stack.ts'
import { PROBE, type Reached } from './answering-service.ts'

export interface Sent {
  readonly protocol?: Protocol
  /** Sends Content-Length; otherwise HTTP/1.1 is chunked. */
  readonly sized?: boolean
  readonly method?: string
  /** In place of `application/json`; undefined for none. */
  readonly contentType?: string | undefined
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

export interface Outcome {
  readonly answer: EdgeAnswer
  readonly reached: readonly Reached[]
}

const TARGET = '/mcp/platform/mcp'
const CHUNK_BYTES = 60_000

/** Sends a body byte for byte; returns the answer and what the service received. */
export async function send(
  stack: AccessStack,
  user: Pick<ConnectedUser, 'accessToken'>,
  sent: Sent,
): Promise<Outcome> {
  const { protocol = 'HTTP/1.1', sized = true, method = 'POST', headers = [], body } = sent
  const contentType = 'contentType' in sent ? sent.contentType : 'application/json'
  const probe = randomUUID()
  const all: (readonly [string, string])[] = [
    ['authorization', `Bearer ${user.accessToken}`],
    ['accept', 'application/json, text/event-stream'],
    [PROBE, probe],
    ...headers,
  ]
  if (contentType !== undefined) all.push(['content-type', contentType])
  if (sized) all.push(['content-length', String(body.length)])
  const answer =
    protocol === 'HTTP/1.1'
      ? await overHttp1(stack.origin, { method, headers: all, body, sized })
      : await http2(stack.origin, [...pseudoHeaders(stack.origin, TARGET, method), ...all.flat()], body)
  return { answer, reached: stack.answering.reachedBy(probe) }
}

type Whole = Required<Pick<Sent, 'method' | 'headers' | 'body' | 'sized'>>

async function overHttp1(origin: string, { method, headers, body, sized }: Whole): Promise<EdgeAnswer> {
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  if (!sized) lines.push('transfer-encoding: chunked')
  return await http1(origin, { method, target: TARGET, lines, body: sized ? body : chunked(body) })
}

function chunked(body: string): string {
  let text = ''
  for (let at = 0; at < body.length; at += CHUNK_BYTES) {
    const chunk = body.slice(at, at + CHUNK_BYTES)
    text += `${chunk.length.toString(16)}\r\n${chunk}\r\n`
  }
  return `${text}0\r\n\r\n`
}
