import type { EdgeStack } from './edge-stack.ts'
import { http1, type EdgeAnswer } from './http1.ts'
import { http2, pseudoHeaders } from './http2.ts'
import { PROBE, viewsOf, type Views } from './views.ts'

export interface EdgeRequest {
  readonly method?: string
  readonly target?: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

/** An answer, and the request as each server behind Envoy got it. */
export interface Asked extends Views {
  readonly answer: EdgeAnswer
}

export type Protocol = 'HTTP/1.1' | 'HTTP/2'
export const PROTOCOLS: readonly Protocol[] = ['HTTP/1.1', 'HTTP/2']

export const SERVICE_TARGET = '/mcp/platform/mcp'

export async function ask(stack: EdgeStack, protocol: Protocol, request: EdgeRequest): Promise<Asked> {
  const { method = 'GET', target = SERVICE_TARGET, headers = [], body = '' } = request
  const probe = crypto.randomUUID()
  const all: readonly (readonly [string, string])[] = [
    ...headers,
    [PROBE, probe],
    ...(body === '' ? [] : [['content-length', String(body.length)] as const]),
  ]
  const answer =
    protocol === 'HTTP/1.1'
      ? await http1(stack.origin, {
          method,
          target,
          body,
          lines: all.map(([name, value]) => `${name}: ${value}`),
        })
      : await http2(
          stack.origin,
          [
            ...pseudoHeaders(stack.origin, target, method),
            ...all.flatMap(([name, value]) => [name.toLowerCase(), value]),
          ],
          body,
        )
  return { answer, ...viewsOf(stack, probe) }
}

/** How often a value stands under a name, in whatever case. */
export function valuesUnder(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
}
