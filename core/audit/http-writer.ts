import { readBounded } from '../http/read-bounded.ts'
import type { AuditWriter } from './audit-target.ts'

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 65_536

interface Collector {
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
}

/** Posts batches of lines to a collector as NDJSON. Any 2xx answer acknowledges a batch; redirects are refused. */
export class HttpWriter implements AuditWriter {
  readonly isRemote = true
  readonly #url: URL
  readonly #headers: Headers

  constructor({ url, headers }: Collector) {
    this.#url = url
    this.#headers = new Headers(headers)
    if (!this.#headers.has('content-type')) this.#headers.set('content-type', 'application/x-ndjson')
  }

  /** @throws Error with the status, or the connection's error; without headers */
  async write(lines: readonly string[]): Promise<void> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: this.#headers,
      body: lines.map((line) => `${line}\n`).join(''),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    // Read to its end, so that the connection is used again.
    if (response.body !== null) await readBounded(response.body, MAX_ANSWER_BYTES)
    if (!response.ok) throw new Error(`the collector answered with HTTP ${response.status}`)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
