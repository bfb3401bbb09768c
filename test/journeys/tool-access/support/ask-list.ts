import { randomUUID } from 'node:crypto'
import { http2, pseudoHeaders } from '../../../edge/support/http2.ts'
import type { Protocol } from '../../../edge/support/ask.ts'
import type { ConnectedUser } from '../../support/connected-user.ts'
import { rawRequest } from '../../support/raw-request.ts'
import type { AccessStack } from './access-stack.ts'
import { PROBE, type AnsweringService, type Reached } from './answering-service.ts'

export interface Asked {
  readonly protocol?: Protocol
  /** POST where there is a message, else GET. */
  readonly method?: string
  readonly message?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly answer: Parameters<AnsweringService['answerWith']>[1]
}

export interface Listed {
  readonly status: number
  readonly contentType: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly reached: readonly Reached[]
}

/** Asks the service, which answers as given. */
export async function askList(
  stack: AccessStack,
  user: Pick<ConnectedUser, 'accessToken'>,
  {
    protocol = 'HTTP/1.1',
    message,
    method = message === undefined ? 'GET' : 'POST',
    headers = [],
    answer,
  }: Asked,
): Promise<Listed> {
  const probe = randomUUID()
  stack.answering.answerWith(probe, answer)
  const sent = [
    ['authorization', `Bearer ${user.accessToken}`],
    ['accept', 'application/json, text/event-stream'],
    [PROBE, probe],
    ...headers,
  ]
  if (message !== undefined)
    sent.push(['content-type', 'application/json'], ['content-length', String(message.length)])
  const body = message ?? ''
  const target = new URL(stack.mcpUrl).pathname
  const got =
    protocol === 'HTTP/2'
      ? await http2(stack.origin, [...pseudoHeaders(stack.origin, target, method), ...sent.flat()], body)
      : await rawRequest(stack.mcpUrl, { method, headers: sent.flat(), body })
  const listed: [string, unknown][] = [
    ...(got.headers instanceof Map
      ? (got.headers as ReadonlyMap<string, unknown>)
      : Object.entries(got.headers)),
  ]
  const received = Object.fromEntries(listed.map(([name, value]) => [name, String(value)]))
  return {
    status: got.status,
    contentType: received['content-type'],
    headers: received,
    body: got.body,
    reached: stack.answering.reachedBy(probe),
  }
}
