import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { judgeAccess, type McpRequest } from '../../../../authz/read-access/judge-access.ts'
import { listFormatOf } from '../../../../authz/list-filter/answer-splitter.ts'
import type { ReadAccess } from '../../../../authz/read-access/judge-call.ts'
import { refusalBody, refusalStatus } from '../../../../authz/read-access/refusal-body.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'
import { createListRewriter, type ListRewriter } from './rewrite.ts'

/** What Envoy and authz do with the requests of a session of access `read`, on one page: the policy, and HTTP. */
export async function startPolicyGate(serviceUrl: string, read: ReadAccess): Promise<string> {
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeAfterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await buffer(request)
    const verdict = judgeAccess(read, mcpRequest(request, bytes))
    if (verdict.outcome === 'refused') {
      response.writeHead(refusalStatus(verdict.reason, verdict.id), { 'content-type': 'application/json' })
      response.end(refusalBody(verdict.reason, verdict.id, true))
      return
    }
    await relay(request, { bytes, list: verdict.list }, response)
  }

  async function relay(
    request: IncomingMessage,
    { bytes, list }: { readonly bytes: Buffer; readonly list: boolean },
    response: ServerResponse,
  ): Promise<void> {
    const answer = await fetch(serviceUrl, {
      method: request.method ?? '',
      headers: headersOf(request),
      body: bytes.length > 0 ? bytes : null,
    })
    const types = [answer.headers.get('content-type')].filter((type) => type !== null)
    response.writeHead(answer.status, types.map((type) => ['content-type', type] as const).flat())
    response.flushHeaders()
    const rewriter = list && answer.status === 200 ? rewriterFor(types) : undefined
    const chunks: AsyncIterable<Uint8Array> = answer.body ?? Readable.from([])
    for await (const chunk of chunks) response.write(rewriter?.feed(chunk) ?? chunk)
    response.end(rewriter?.end())
  }

  function rewriterFor(contentType: readonly string[]): ListRewriter {
    const format = listFormatOf(contentType, [])
    if (format === undefined) throw new Error('the answer is neither JSON nor a stream of events')
    return createListRewriter(read, format)
  }
}

const HOP_BY_HOP = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding'])

function headersOf(request: IncomingMessage): [string, string][] {
  return Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
    HOP_BY_HOP.has(name) ? [] : values.map((value): [string, string] => [name, value]),
  )
}

function mcpRequest(request: IncomingMessage, bytes: Buffer): McpRequest {
  const values = (name: string): readonly string[] => request.headersDistinct[name] ?? []
  return {
    method: request.method ?? '',
    bytes,
    body: {
      contentType: values('content-type'),
      contentEncoding: values('content-encoding'),
      partialBody: ['false'],
      size: bytes.length,
    },
    mcp: {
      method: values('mcp-method'),
      name: values('mcp-name'),
      protocolVersion: values('mcp-protocol-version'),
      lastEventId: values('last-event-id'),
    },
  }
}
