import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { ServerCredentials, type Server, type ServerOptions } from '@grpc/grpc-js'
import { listen } from '../../core/network/listen.ts'
import type { ListenAddress } from '../../core/config/settings.ts'

/** Envoy opens 16 for checks and 256 for answers (envoy.yaml, circuit breakers); old and new ones may overlap. */
export const MAX_CONNECTIONS = 320
/** As in envoy.yaml for both authz clusters (`max_concurrent_streams`). */
const MAX_CONCURRENT_STREAMS = 1024
/** Calls that take longer when authz stops are cut off; checks take milliseconds. */
const SHUTDOWN_MS = 3000

export function boundedBy(maxMessageBytes: number): ServerOptions {
  return {
    'grpc.max_concurrent_streams': MAX_CONCURRENT_STREAMS,
    'grpc.max_receive_message_length': maxMessageBytes,
    // Its registry of connections and calls costs time on every call, and is not used.
    'grpc.enable_channelz': 0,
  }
}

export interface ListeningServer {
  /** Finishes the calls in flight, cuts off those that take longer than `maxMs`, and closes. */
  stop(maxMs?: number): Promise<void>
}

/** Listens on an address. grpc-js's own listener limits no connections and sets no socket mode. */
export async function listenForCalls(server: Server, address: ListenAddress): Promise<ListeningServer> {
  const calls = server.createConnectionInjector(ServerCredentials.createInsecure())
  const connections = new Set<Socket>()
  const listener = createServer((connection) => {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
    calls.injectConnection(connection)
  })
  listener.maxConnections = MAX_CONNECTIONS
  await listen(listener, address)

  let stopped: Promise<void> | undefined
  async function stop(maxMs: number): Promise<void> {
    const closed = once(listener, 'close')
    listener.close()
    const finished = new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
    // Not forceShutdown(): without channelz, grpc-js does not know its connections and waits forever.
    const timer = setTimeout(() => connections.forEach((connection) => connection.destroy()), maxMs)
    await Promise.all([finished, closed])
    clearTimeout(timer)
  }
  return { stop: (maxMs = SHUTDOWN_MS) => (stopped ??= stop(maxMs)) }
}
