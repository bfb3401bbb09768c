import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import type { Log } from '../../../core/log/log.ts'
import { createMcpServer } from './mcp-server.ts'
import { packageStore } from './package-store.ts'
import { SAMPLE_BUCKETS } from '../sample-data.ts'
import { NotAuthenticated, RegistryUnavailable, whoAsks } from '../who-asks.ts'
import { describeError } from '../../../core/log/describe-error.ts'

export interface PlatformMcpOptions {
  readonly registryUrl: URL
  readonly log: Log
}

/** An answer without MCP in it. */
interface PlainAnswer {
  readonly status: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Node's type is that of a client's answers too, which lack these two. */
type ServerRequest = IncomingMessage & { readonly method: string; readonly url: string }

const PATH = '/mcp'

/**
 * A Platform MCP Server: MCP over Streamable HTTP, for whoever a Quilt credential belongs to, in the revision that
 * the client speaks: 2026-07-28, or 2025-11-25 and before. Each request stands alone, in either; only what the
 * changing tools changed stays, until the process ends.
 */
export function createPlatformMcp({ registryUrl, log }: PlatformMcpOptions): RequestListener {
  const store = packageStore(SAMPLE_BUCKETS)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = outsideMcp(request)
    if (refusal !== undefined) {
      send(response, refusal)
      return
    }
    const asker = await whoAsks(registryUrl, request.headers.authorization)
    const mcp = createMcpHandler(() => createMcpServer({ asker, store }), { onerror: report })
    await toNodeHandler(mcp, { onerror: report })(request as ServerRequest, response)
  }

  function report(error: unknown): void {
    log.error({ error: describeError(error) }, 'a request was not served')
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      report(error)
      if (response.headersSent) response.destroy()
      else send(response, refusalFor(error))
    })
  }
}

/** Everything that is not a message to the MCP server. */
function outsideMcp({ method, url = '' }: IncomingMessage): PlainAnswer | undefined {
  const path = url.split('?', 1)[0]
  if (path === '/healthz') return { status: 200, message: 'ok' }
  if (path !== PATH) return { status: 404, message: 'Not found.' }
  if (method === 'POST') return undefined
  // Without sessions there is no stream to open and nothing to delete (MCP, Streamable HTTP).
  return { status: 405, message: 'Use POST.', headers: { allow: 'POST' } }
}

function refusalFor(error: unknown): PlainAnswer {
  if (error instanceof NotAuthenticated) {
    return { status: 401, message: error.message, headers: { 'www-authenticate': 'Bearer' } }
  }
  if (error instanceof RegistryUnavailable) {
    return { status: 503, message: error.message, headers: { 'retry-after': '5' } }
  }
  return { status: 500, message: 'Internal server error.' }
}

function send(response: ServerResponse, { status, message, headers }: PlainAnswer): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify({ message }))
}
