import { once } from 'node:events'
import { createServer as createHttps } from 'node:https'
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { createServer as createTls } from 'node:tls'
import { closeAfterAll } from '../../../support/close-after-all.ts'
import { TEST_SERVER } from '../../../support/tls/test-server.ts'

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A syslog server that splits its stream by the length before each message (RFC 6587 section 3.4.1). */
export class SyslogServer {
  readonly messages: string[] = []
  readonly sockets = new Set<Socket>()
  connections = 0
  readonly #server: Server
  readonly #isTls: boolean

  constructor({ isTls }: { readonly isTls: boolean }) {
    this.#isTls = isTls
    const take = (socket: Socket): void => this.#take(socket)
    this.#server = isTls ? createTls(TEST_SERVER, take) : createTcp(take)
    closeAfterAll(() => this.close())
  }

  /** @returns the value of AUDIT_LOG */
  async start(): Promise<string> {
    return `syslog+${this.#isTls ? 'tls' : 'tcp'}://127.0.0.1:${await portOf(this.#server)}`
  }

  disconnect(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  close(): void {
    this.disconnect()
    this.#server.close()
  }

  #take(socket: Socket): void {
    this.connections += 1
    this.sockets.add(socket)
    let left = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('data', (chunk) => {
      left = this.#split(Buffer.concat([left, chunk]))
    })
  }

  #split(bytes: Buffer): Buffer<ArrayBuffer> {
    let left = Buffer.from(bytes)
    for (;;) {
      const space = left.indexOf(' ')
      const end = space + 1 + Number(left.subarray(0, space))
      if (space < 0 || left.length < end) return left
      this.messages.push(left.subarray(space + 1, end).toString())
      left = Buffer.from(left.subarray(end))
    }
  }
}

interface Post {
  readonly headers: Readonly<Record<string, unknown>>
  readonly lines: readonly string[]
}

/** An HTTPS collector. `statuses` are its next answers; then 200. */
export class Collector {
  readonly posts: Post[] = []
  readonly statuses: number[] = []
  connections = 0
  readonly #server = createHttps(TEST_SERVER, (request, response) => {
    void text(request).then((body) => {
      const status = this.statuses.shift() ?? 200
      if (status === 200) this.posts.push({ headers: request.headers, lines: body.trimEnd().split('\n') })
      response.writeHead(status, { location: '/elsewhere' }).end('{}')
    })
  }).on('secureConnection', () => (this.connections += 1))

  constructor() {
    closeAfterAll(() => void this.#server.close())
  }

  /** @returns the value of AUDIT_LOG */
  async start(): Promise<string> {
    return `https://localhost:${await portOf(this.#server)}/connect`
  }

  lines(): string[] {
    return this.posts.flatMap(({ lines }) => lines)
  }
}
