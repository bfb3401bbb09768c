import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type NetConnectOpts, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { closeAfterAll } from './close-after-all.ts'

/** A TCP proxy that can silently stop forwarding. */
export interface TcpProxy {
  readonly port: number
  readonly connections: number
  /** Open connections stop forwarding; new ones work. */
  freeze(): void
  /** Forwards what was held back, in order. */
  thaw(): void
}

/**
 * @param port - where it listens; a free one when left out
 * @param tls - its certificate and key: clients speak TLS with it, and the server does not notice
 */
export async function startTcpProxy(
  target: NetConnectOpts,
  {
    port = 0,
    tls,
  }: { readonly port?: number; readonly tls?: { readonly cert: string; readonly key: string } } = {},
): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let connections = 0
  const join = (client: Socket): void => {
    connections += 1
    const server = connect(target)
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        server.destroy()
      })
    }
    client.pipe(server).pipe(client)
  }
  const listener = tls === undefined ? createServer(join) : createTlsServer(tls, join)
  listener.listen(port, '127.0.0.1')
  await once(listener, 'listening')
  closeAfterAll(() => {
    listener.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    port: (listener.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    freeze: () => {
      for (const socket of sockets) socket.pause()
    },
    thaw: () => {
      for (const socket of sockets) socket.resume()
    },
  }
}
