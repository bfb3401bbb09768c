import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { ServerCredentials, type Server, type ServerOptions } from '@grpc/grpc-js'
import { listen } from '../../core/network/listen.ts'
import type { ListenAddress } from '../../core/config/settings.ts'

/** Envoy opens 16 for checks and 256 for answers (envoy.yaml, circuit breakers); a closing one may overlap the next. */
export const MAX_CONNECTIONS = 320
/** As Envoy is told for both authz clusters (envoy.yaml, max_concurrent_streams). */
const MAX_CONCURRENT_STREAMS = 1024
/** Checks take milliseconds. A call that takes longer than this when authz stops is cut off. */
const SHUTDOWN_MS = 3000

/** What grpc-js bounds for each connection and message. */
export function boundedBy(maxMessageBytes: number): ServerOptions {
  return {
    'grpc.max_concurrent_streams': MAX_CONCURRENT_STREAMS,
    'grpc.max_receive_message_length': maxMessageBytes,
    // Its registry of connections and calls costs time on every call, and no one reads it.
    'grpc.enable_channelz': 0,
  }
}

/** A gRPC server that listens. */
export interface ListeningServer {
  /** Takes no more calls, finishes those in flight, cuts off those that take longer than `maxMs`, and closes. */
  stop(maxMs?: number): Promise<void>
}

/** Listens for calls on an address. The listener is our own: grpc-js bounds no connections and sets no socket mode. */
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
    // Not forceShutdown(): without its channelz registry grpc-js forgets the connections, and waits for ever.
    const timer = setTimeout(() => connections.forEach((connection) => connection.destroy()), maxMs)
    await Promise.all([finished, closed])
    clearTimeout(timer)
  }
  return { stop: (maxMs = SHUTDOWN_MS) => (stopped ??= stop(maxMs)) }
}
