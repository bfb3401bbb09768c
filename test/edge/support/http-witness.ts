import { request, type IncomingHttpHeaders, type IncomingMessage, type RequestListener } from 'node:http'

export interface Received {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
}

/** Records every request except Envoy's health checks, and forwards it. */
export function witnessed(received: Received[], handler: RequestListener): RequestListener {
  return (incoming, response) => {
    const { method = '', url = '', headers, rawHeaders } = incoming
    if (!isHealthCheck(incoming)) received.push({ method, target: url, headers, rawHeaders })
    handler(incoming, response)
  }
}

/** True for Envoy's health checks of consent-ui (health_checks in envoy.yaml). */
export function isHealthCheck({ url, headers }: IncomingMessage): boolean {
  return url === '/healthz' && headers['user-agent'] === 'Envoy/HC'
}

export function handedOnTo(
  there: () => { readonly socketPath: string } | { readonly port: number },
): RequestListener {
  return (incoming, response) => {
    const { method, url, headers } = incoming
    const asked = { ...there(), method, path: url, headers, setHost: false }
    const outgoing = request(asked, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.rawHeaders)
      answer.pipe(response)
    })
    outgoing.on('error', () => response.destroy())
    incoming.pipe(outgoing)
  }
}
