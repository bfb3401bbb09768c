import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Reach } from '../../../consent-ui/clients/fetch-json.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { TEST_SERVER, trustTestServer } from '../../support/tls/test-server.ts'

type Reply = (response: ServerResponse, request: IncomingMessage) => void

/** A TLS website for client metadata documents; each test sets its paths. */
export class Publisher {
  readonly host: string
  readonly asked: string[] = []
  readonly resolved: string[] = []
  readonly #replies = new Map<string, Reply>()

  constructor(port: number) {
    this.host = `localhost:${port}`
  }

  readonly listener: RequestListener = (request, response) => {
    const path = request.url ?? ''
    this.asked.push(path)
    const reply = this.#replies.get(path)
    if (reply === undefined) response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
    else reply(response, request)
  }

  /** A network with only this website. */
  get reach(): Reach {
    return {
      resolve: (host) => {
        this.resolved.push(host)
        return Promise.resolve([{ address: '127.0.0.1', family: 4 }])
      },
      isForbidden: (address) => address !== '127.0.0.1',
      timeoutMs: 5000,
    }
  }

  urlOf(path: string): string {
    return `https://${this.host}${path}`
  }

  timesAsked(path: string): number {
    return this.asked.filter((asked) => asked === path).length
  }

  reply(path: string, reply: Reply): string {
    this.#replies.set(path, reply)
    return this.urlOf(path)
  }

  publish(path: string, json: unknown, headers: Readonly<Record<string, string>> = {}): string {
    const body = typeof json === 'string' ? json : JSON.stringify(json)
    return this.reply(path, (response) =>
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body),
    )
  }

  /** A valid document, with a test's changes. */
  publishClient(path: string, changes: object = {}, headers: Readonly<Record<string, string>> = {}): string {
    const document = {
      client_id: this.urlOf(path),
      client_name: 'Published Client',
      redirect_uris: ['http://localhost/callback'],
      token_endpoint_auth_method: 'none',
      ...changes,
    }
    return this.publish(path, document, headers)
  }
}

export async function startPublisher(): Promise<Publisher> {
  trustTestServer()
  let listener: RequestListener = (_request, response) => void response.destroy()
  const server = createServer(TEST_SERVER, (request, response) => listener(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeAfterAll(() => {
    server.close()
    server.closeAllConnections()
  })
  const publisher = new Publisher((server.address() as AddressInfo).port)
  listener = publisher.listener
  return publisher
}
