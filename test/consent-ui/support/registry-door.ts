import type { RequestListener } from 'node:http'
import type { OddAnswer } from './pliant-identity-provider.ts'
import { until } from '../../support/until.ts'

/** In front of a Registry: sees what it is asked, and may be shut. */
export class RegistryDoor {
  /** Paths at which nobody answers; connections end. */
  readonly shut = new Set<string>()
  /** By path, questions that wait until {@link answerHeld}. */
  readonly held = new Map<string, (() => void)[]>()
  /** As if nobody were there. */
  isDown = false
  /** The paths that were asked for, in order. */
  readonly asked: string[] = []
  readonly #instead = new Map<string, OddAnswer>()
  /** By path, the tokens that were shown there, in order. */
  readonly #shown = new Map<string, string[]>()

  before(registry: RequestListener): RequestListener {
    return (request, response) => {
      const path = request.url ?? ''
      this.asked.push(path)
      const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
      if (token !== undefined) this.#shown.set(path, [...this.shownAt(path), token])
      this.held.get(path)?.push(() => registry(request, response))
      if (this.held.has(path)) return
      const instead = this.#instead.get(path)
      if (instead !== undefined) {
        response.writeHead(instead.status, { 'content-type': 'application/json' }).end(instead.body)
      } else if (this.isDown || this.shut.has(path)) response.destroy()
      else registry(request, response)
    }
  }

  /** What is answered at a path in place of what belongs there; undefined, and that is again. */
  instead(path: string, odd: OddAnswer | undefined): void {
    if (odd === undefined) this.#instead.delete(path)
    else this.#instead.set(path, odd)
  }

  /** From here on, the Registry does not answer at a path until it is told to. */
  hold(path: string): void {
    this.held.set(path, [])
  }

  /** When somebody waits for an answer there. */
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

  /** The credential that the Registry was last asked about. */
  get lastCredential(): string {
    return this.shownAt('/api/me').at(-1) ?? ''
  }

  /** Waits until a credential was logged out. */
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
