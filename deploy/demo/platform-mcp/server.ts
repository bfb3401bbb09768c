import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import type { Log } from '../../../core/log/log.ts'
import { addChangingTools } from './changing-tools.ts'
import { packageStore, type PackageStore } from './package-store.ts'
import { addReadingTools } from './reading-tools.ts'
import { SAMPLE_BUCKETS } from '../sample-data.ts'
import { NotAuthenticated, RegistryUnavailable, fetchQuiltUser, type QuiltUser } from '../quilt-user.ts'
import { describeError } from '../../../core/log/describe-error.ts'

export interface PlatformMcpOptions {
  readonly registryUrl: URL
  readonly log: Log
}

interface PlainAnswer {
  readonly status: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Node uses the same type for client responses, which lack these two. */
type ServerRequest = IncomingMessage & { readonly method: string; readonly url: string }

const PATH = '/mcp'

/**
 * A Platform MCP Server that accepts Quilt credentials: stateless MCP over Streamable HTTP, revision 2026-07-28 or the
 * ones up to 2025-11-25. Changes by tools are in memory only.
 */
export function createPlatformMcp({ registryUrl, log }: PlatformMcpOptions): RequestListener {
  const store = packageStore(SAMPLE_BUCKETS)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = outsideMcp(request)
    if (refusal !== undefined) {
      send(response, refusal)
      return
    }
    const user = await fetchQuiltUser(registryUrl, request.headers.authorization)
    const mcp = createMcpHandler(() => createMcpServer(user, store), { onerror: report })
    await toNodeHandler(mcp, { onerror: report })(request as ServerRequest, response)
  }

  function report(error: unknown): void {
    log.error({ error: describeError(error) }, 'request failed')
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      report(error)
      if (response.headersSent) response.destroy()
      else send(response, refusalFor(error))
    })
  }
}

function createMcpServer(user: QuiltUser, store: PackageStore): McpServer {
  const server = new McpServer(
    { name: 'quilt-platform-demo', title: 'Quilt Platform (demo)', version: '1.0.0' },
    { instructions: 'Search, browse and change the Quilt packages of a demo on this machine.' },
  )
  addReadingTools(server, user, store)
  addChangingTools(server, user, store)
  return server
}

/** Answers requests that are not for the MCP server. */
function outsideMcp({ method, url = '' }: IncomingMessage): PlainAnswer | undefined {
  const path = url.split('?', 1)[0]
  if (path === '/healthz') return { status: 200, message: 'ok' }
  if (path !== PATH) return { status: 404, message: 'Not found.' }
  if (method === 'POST') return undefined
  // A stateless server has no stream to GET and no session to DELETE (MCP, Streamable HTTP).
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
