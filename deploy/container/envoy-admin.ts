import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { json, text } from 'node:stream/consumers'

const TIMEOUT_MS = 1000
/** envoy.yaml calls its listener's requests `connect` (stat_prefix). */
const ACTIVE_REQUESTS = '/stats?format=json&filter=^http%5C.connect%5C.downstream_rq_active$'

/** Envoy's admin interface, at its Unix socket. */
export class EnvoyAdmin {
  readonly #socketPath: string

  constructor(socketPath: string) {
    this.#socketPath = socketPath
  }

  /** Makes /healthz answer 503, and asks clients to close their connections (`Connection: close`, GOAWAY). */
  async failHealthChecks(): Promise<void> {
    await text(await this.#ask('POST', '/healthcheck/fail'))
  }

  /** Begins the drain of `--drain-time-s`; Envoy still accepts connections until it ends. */
  async drainListeners(): Promise<void> {
    await text(await this.#ask('POST', '/drain_listeners?graceful&skip_exit'))
  }

  async activeRequests(): Promise<number> {
    const { stats } = (await json(await this.#ask('GET', ACTIVE_REQUESTS))) as {
      readonly stats: readonly { readonly value?: number }[]
    }
    return stats[0]?.value ?? 0
  }

  /** @param filter - regular expression of Envoy's names */
  async prometheusText(filter: string): Promise<string> {
    return await text(await this.#ask('GET', `/stats/prometheus?filter=${encodeURIComponent(filter)}`))
  }

  async #ask(method: string, path: string): Promise<IncomingMessage> {
    const asked = request({ socketPath: this.#socketPath, method, path, timeout: TIMEOUT_MS, agent: false })
    asked.once('timeout', () => asked.destroy(new Error(`${path}: no answer within ${TIMEOUT_MS} ms`)))
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    if (response.statusCode === 200) return response
    throw new Error(`${path}: Envoy's admin interface answers ${response.statusCode ?? 0}`)
  }
}
