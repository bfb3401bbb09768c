import type { ServerResponse } from 'node:http'
import { CHANGING_TOOL, READING_TOOL } from './calls.ts'

/** One of each list, with what a reader may use and, of the tools, what it may not. */
export const LISTS = {
  'tools/list': `"tools":[{"name":"${READING_TOOL}"},{"name":"${CHANGING_TOOL}"},{"title":"no name"}]`,
  'resources/list': '"resources":[{"uri":"quilt+s3://quilt-lab"},{"name":"no uri"}]',
  'resources/templates/list': '"resourceTemplates":[{"uriTemplate":"quilt+s3://{bucket}"},{"uri":"a:b"}]',
  'prompts/list': '"prompts":[{"name":"summarize"},{"title":"no name"}]',
} as const

export const SHOWN = {
  'tools/list': `"tools":[{"name":"${READING_TOOL}"}]`,
  'resources/list': '"resources":[{"uri":"quilt+s3://quilt-lab"}]',
  'resources/templates/list': '"resourceTemplates":[{"uriTemplate":"quilt+s3://{bucket}"}]',
  'prompts/list': '"prompts":[{"name":"summarize"}]',
} as const

export type ListMethod = keyof typeof LISTS

/** A JSON-RPC response to the request of that id. */
export function response(members: string, id = 7): string {
  return `{"jsonrpc":"2.0","id":${id},"result":{${members}}}`
}

/** Every tool of such a list but the last, which is one that a reader may use, must be dropped. */
export function bigList(bytes: number): string {
  const entry = (name: string): string => `{"name":"${name}","description":"${'x'.repeat(1000)}"}`
  const denied = Array.from({ length: Math.floor(bytes / 1100) }, (_, at) => entry(`tool_${at}`))
  return `"tools":[${[...denied, entry(READING_TOOL)].join(',')}]`
}

export function sendJson(response: ServerResponse, text: string, headers: Record<string, string> = {}): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  })
  response.end(text)
}

/** Sends each piece by itself, and waits until it was taken. */
export async function sendPieces(
  response: ServerResponse,
  contentType: string,
  pieces: Iterable<string | Buffer>,
): Promise<void> {
  response.writeHead(200, { 'content-type': contentType })
  for (const piece of pieces) {
    await new Promise((resolve) => response.write(piece, resolve))
    await new Promise((resolve) => setImmediate(resolve))
  }
  response.end()
}

export function* cut(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}
