import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import type { OddAnswer } from './scripted-identity-provider.ts'
import { until } from '../../support/until.ts'

/** A proxy of the Registry that records requests and can stop responses. */
export class RegistryProxy {
  readonly shut = new Set<string>()
  /** Requests by path that wait until {@link answerHeld}. */
  readonly held = new Map<string, (() => void)[]>()
  isDown = false
  readonly asked: string[] = []
  /** Trace ids by path, of those requests that have one. */
  readonly traces = new Map<string, unknown>()
  readonly #instead = new Map<string, OddAnswer>()
  /** Bearer tokens by path, in order. */
  readonly #shown = new Map<string, string[]>()

  before(registry: RequestListener): RequestListener {
    return (request, response) => {
      const path = request.url ?? ''
      this.#record(path, request.headers)
      this.held.get(path)?.push(() => registry(request, response))
      if (this.held.has(path)) return
      const instead = this.#instead.get(path)
      if (instead !== undefined) {
        response.writeHead(instead.status, { 'content-type': 'application/json' }).end(instead.body)
      } else if (this.isDown || this.shut.has(path)) response.destroy()
      else registry(request, response)
    }
  }

  #record(path: string, headers: IncomingHttpHeaders): void {
    this.asked.push(path)
    const trace = headers['x-amzn-trace-id']
    if (trace !== undefined) this.traces.set(path, trace)
    const [, token] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? []
    if (token !== undefined) this.#shown.set(path, [...this.shownAt(path), token])
  }

  /** Replaces the response at a path; undefined restores it. */
  instead(path: string, odd: OddAnswer | undefined): void {
    if (odd === undefined) this.#instead.delete(path)
    else this.#instead.set(path, odd)
  }

  /** Delays responses at a path until {@link answerHeld}. */
  hold(path: string): void {
    this.held.set(path, [])
  }

  /** Waits until a request at the path is pending. */
  async asks(path: string): Promise<void> {
    await until(() => (this.held.get(path) ?? []).length > 0, `a question at ${path}`)
  }

  answerHeld(path: string): void {
    const waiting = this.held.get(path) ?? []
    this.held.delete(path)
    for (const answer of waiting) answer()
  }

  shownAt(path: string): readonly string[] {
    return this.#shown.get(path) ?? []
  }

  /** The credential of the last request to `/api/me`. */
  get lastCredential(): string {
    return this.shownAt('/api/me').at(-1) ?? ''
  }

  async loggedOut(credential: string): Promise<void> {
    await until(() => this.shownAt('/api/logout').includes(credential), 'the logout')
  }

  forget(): void {
    this.asked.length = 0
    this.#shown.clear()
  }

  timesAsked(path: string): number {
    return this.asked.filter((asked) => asked === path).length
  }
}
