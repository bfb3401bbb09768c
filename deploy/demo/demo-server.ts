import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { ConfigurationError } from '../../core/config/environment.ts'
import { REQUEST_ID_HEADER, requestIdOf, TRACE_HEADER } from '../../core/http/request-id.ts'
import { listen } from '../../core/network/listen.ts'
import type { Log } from '../../core/log/log.ts'
import type { ListenAddress } from '../../core/config/settings.ts'
import { onlyThisMachine } from './loopback.ts'

const SHUTDOWN_MS = 5000

export interface Demo {
  readonly handler: RequestListener
  readonly listen: ListenAddress
  readonly log: Log
}

/** Adds the request log and the Host check of every demo server. */
export function createDemoServer(handler: RequestListener, log: Log): Server {
  return createServer(logRequests(onlyThisMachine(handler), log))
}

/** Logs each response. Queries, headers and bodies contain secrets and are not logged. */
function logRequests(handler: RequestListener, log: Log): RequestListener {
  return (request, response) => {
    const began = performance.now()
    const { method } = request
    const path = request.url?.split('?', 1)[0]
    const id = requestIdOf(
      request.headersDistinct[TRACE_HEADER] ?? [],
      request.headersDistinct[REQUEST_ID_HEADER]?.[0],
    )
    response.once('close', () => {
      const milliseconds = Math.round(performance.now() - began)
      log.info({ request: id, method, path, status: response.statusCode, milliseconds }, 'request')
    })
    handler(request, response)
  }
}

/** @returns the server, which listens */
export async function startDemo({ handler, listen: address, log }: Demo): Promise<Server> {
  const server = createDemoServer(handler, log)
  await listen(server, address)
  return server
}

/**
 * Runs a demo server until SIGTERM.
 *
 * @param build - reads the configuration; on a ConfigurationError the process prints it and exits with status 1
 */
export async function runDemo(build: () => Demo | Promise<Demo>): Promise<void> {
  try {
    const demo = await build()
    const server = await startDemo(demo)
    demo.log.info({ port: (server.address() as AddressInfo).port }, 'ready')
    process.once('SIGTERM', () => stop(server, demo.log))
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

function stop(server: Server, log: Log): void {
  log.info('stops')
  server.close(() => process.exit(0))
  server.closeIdleConnections()
  setTimeout(() => server.closeAllConnections(), SHUTDOWN_MS).unref()
}
