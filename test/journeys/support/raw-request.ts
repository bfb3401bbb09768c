import { once } from 'node:events'
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Names and values as they were sent, one after the other. */
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface RawRequest {
  readonly method?: string
  /** In place of the URL's. */
  readonly path?: string
  /** Names and values, one after the other; Host is added where it is not among them. */
  readonly headers?: readonly string[]
  readonly body?: string
}

/** Sends a request as it is given, header by header. */
export async function rawRequest(url: string, sent: RawRequest = {}): Promise<RawAnswer> {
  const response = await rawResponse(url, sent)
  const { statusCode: status = 0, headers, rawHeaders } = response
  return { status, headers, rawHeaders, body: await text(response) }
}

/** The answer as soon as it begins; its body comes as it is read. */
export async function rawResponse(
  url: string,
  { method = 'GET', path, headers = [], body }: RawRequest = {},
): Promise<IncomingMessage> {
  const { host, hostname, port, pathname, search } = new URL(url)
  const all = headers.includes('host') ? headers : ['host', host, ...headers]
  const outgoing = request({
    hostname,
    port,
    method,
    path: path ?? `${pathname}${search}`,
    headers: all,
    agent: false,
  })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  return response
}
