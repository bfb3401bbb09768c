import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { ConfigurationError } from '../../core/config/environment.ts'
import { listen } from '../../core/network/listen.ts'
import type { Log } from '../../core/log/log.ts'
import type { ListenAddress } from '../../core/config/settings.ts'
import { onlyThisMachine } from './loopback.ts'
import { logRequests } from './request-log.ts'

/** Requests in progress get this long when we are asked to stop. */
const SHUTDOWN_MS = 5000

/** One of the demo servers, ready to listen. */
export interface Demo {
  readonly handler: RequestListener
  readonly listen: ListenAddress
  readonly log: Log
}

/** The handler behind what every demo server needs; it does not listen yet. */
export function createDemoServer(handler: RequestListener, log: Log): Server {
  return createServer(logRequests(onlyThisMachine(handler), log))
}

/**
 * Runs a demo server until the process is asked to stop.
 *
 * @param build - reads the configuration; a ConfigurationError is printed and ends the process with status 1
 */
export async function runDemo(build: () => Demo | Promise<Demo>): Promise<void> {
  try {
    const { handler, listen: address, log } = await build()
    const server = createDemoServer(handler, log)
    await listen(server, address)
    log.info({ port: (server.address() as AddressInfo).port }, 'ready')
    process.once('SIGTERM', () => stop(server, log))
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
