import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { parseJson } from '../http/parse-json.ts'
import { requestIdHeader } from '../http/request-id.ts'
import type { RequestObserver } from '../metrics/outgoing-requests.ts'
import { readBounded } from '../http/read-bounded.ts'
import { currentRequestId } from '../log/request-context.ts'
import { annotateSpan, inSpan, traceHeaders, type SpanDescription } from '../tracing/span.ts'

export interface RegistryBounds {
  /** From sending to the last byte of the answer, the wait for a connection included. */
  readonly timeoutMs: number
  readonly maxAnswerBytes: number
  readonly maxConnections?: number
  /** Idle connections are closed then, or a request could be lost on one that the Registry is closing. */
  readonly maxIdleMs?: number
}

export interface RegistryRequest {
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs?: number
}

export interface RegistryAnswer {
  readonly status: number
  readonly body: unknown
}

/** The Registry answered, but not as documented. The message names no secret. */
export class UnusableAnswer extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'UnusableAnswer'
  }
}

/**
 * Does not follow redirects.
 *
 * @throws UnusableAnswer, or the connection's error; neither names a secret
 */
export type SendToRegistry = (request: RegistryRequest) => Promise<RegistryAnswer>

/** The endpoint at a path below the Registry's URL, which may have a path of its own. */
export function registryEndpoint(registryUrl: URL, path: string): URL {
  return new URL(path, registryUrl.href.endsWith('/') ? registryUrl : `${registryUrl.href}/`)
}

/** Connections to one endpoint of the Registry, shared with no other endpoint. */
export function registryClient(url: URL, bounds: RegistryBounds, observer?: RequestObserver): SendToRegistry {
  const { maxAnswerBytes, maxConnections = Infinity, maxIdleMs } = bounds
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  const Agent = url.protocol === 'https:' ? HttpsAgent : HttpAgent
  const idle = maxIdleMs === undefined ? {} : { timeout: maxIdleMs }
  const agent = new Agent({ keepAlive: true, maxSockets: maxConnections, ...idle })

  const spanOf = ({ method }: RegistryRequest): SpanDescription => ({
    name: `Registry ${method}`,
    kind: 'client',
    attributes: { 'http.request.method': method, 'server.address': url.hostname, 'url.path': url.pathname },
  })

  async function ask(request: RegistryRequest): Promise<RegistryAnswer> {
    const { method, headers, body, timeoutMs = bounds.timeoutMs } = request
    const signal = AbortSignal.timeout(timeoutMs)
    const ids = { ...requestIdHeader(currentRequestId()), ...traceHeaders() }
    const sent = { accept: 'application/json', ...ids, ...headers }
    const options = { agent, method, headers: sent, signal }
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      send(url, options, resolve).on('error', reject).end(body)
    })
    try {
      const bytes = await readBounded(response, maxAnswerBytes)
      const { statusCode: status = 0 } = response
      annotateSpan(() => ({ 'http.response.status_code': status }))
      return { status, body: parseJson(bytes.toString('utf8')) }
    } catch (error) {
      if (signal.aborted || !(error instanceof Error)) throw error
      throw new UnusableAnswer(error.message)
    }
  }

  return async (request) => {
    const begunMs = performance.now()
    const seconds = (): number => (performance.now() - begunMs) / 1000
    try {
      const answer = await inSpan(
        () => spanOf(request),
        () => ask(request),
      )
      if (answer.status < 500) observer?.answered(seconds())
      else observer?.failed(seconds())
      return answer
    } catch (error) {
      observer?.failed(seconds())
      throw error
    }
  }
}
