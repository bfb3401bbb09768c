import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLog } from '../../../../core/log/log.ts'
import { createDemoServer } from '../../../../deploy/demo/demo-server.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'

export const SILENT = createLog('test', 'silent')

export interface Started {
  readonly origin: string
  readonly port: number
  /** Simulates an outage: connections are refused. */
  stop(): void
}

/** Starts a demo server on a free port; it is built when its own origin is known. */
export async function start(
  build: (origin: string) => RequestListener | Promise<RequestListener>,
): Promise<Started> {
  let handler: RequestListener = (_request, response) => void response.destroy()
  const server = createDemoServer((request, response) => handler(request, response), SILENT)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = (): void => {
    server.close()
    server.closeAllConnections()
  }
  closeAfterAll(stop)
  const { port } = server.address() as AddressInfo
  const origin = `http://localhost:${port}`
  handler = await build(origin)
  return { origin, port, stop }
}
