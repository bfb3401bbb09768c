import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import { Unavailable } from '../oauth/errors.ts'
import { DocumentRefused } from './document-refused.ts'
import { FetchFailed, type FetchedJson } from './fetch-json.ts'
import { KeptCopies } from './kept-copies.ts'

export interface JsonCacheDependencies<T> {
  readonly fetchJson: (url: URL) => Promise<FetchedJson>
  /** Checks fetched JSON; refused JSON is never cached. @throws DocumentRefused */
  readonly read: (url: string, json: unknown) => T
  readonly pinned: (url: string) => unknown
  /** Seconds since 1970. */
  readonly now: () => number
  readonly log: Log
}

/** Concurrent fetches, so that slow servers hold a bounded number of sockets. */
const MAX_FETCHES = 50
const RETRY_SECONDS = 10
const MAX_FAILURES = 500

/** Cache of checked JSON by URL (RFC 9111). After a failed fetch it serves the last good copy, or the pinned one. */
export class JsonCache<T> {
  readonly #dependencies: JsonCacheDependencies<T>
  readonly #copies: KeptCopies<T>
  readonly #failedAt = new Map<string, number>()
  readonly #underWay = new Map<string, Promise<T>>()

  constructor(dependencies: JsonCacheDependencies<T>) {
    this.#dependencies = dependencies
    this.#copies = new KeptCopies(dependencies.now)
  }

  /**
   * @param fetchedSince - seconds since 1970: an older copy is fetched again, fresh or not
   * @throws Unavailable without valid JSON and without a copy; its cause is DocumentRefused for invalid JSON
   */
  async get(url: string, fetchedSince = 0): Promise<T> {
    const fresh = this.#copies.fresh(url, fetchedSince)
    if (fresh !== undefined) return fresh
    const failedAt = this.#failedAt.get(url)
    if (failedAt === undefined) return await this.#fetchOnce(url)
    const standIn = this.#standIn(url)
    const mayRetry = failedAt + RETRY_SECONDS <= this.#dependencies.now()
    if (standIn === undefined) {
      if (mayRetry) return await this.#fetchOnce(url)
      throw unavailable(url, new FetchFailed('its last fetch failed a moment ago'))
    }
    // No request waits for a server that failed before: the fetched copy serves the next request.
    if (mayRetry) this.#fetchInBackground(url)
    return standIn
  }

  async #fetchOnce(url: string): Promise<T> {
    const underWay = this.#underWay.get(url) ?? this.#fetch(url).finally(() => this.#underWay.delete(url))
    this.#underWay.set(url, underWay)
    return await underWay
  }

  #fetchInBackground(url: string): void {
    this.#fetchOnce(url).catch((error: unknown) => {
      this.#dependencies.log.error(
        { error: describeError(error) },
        'client document: background fetch failed',
      )
    })
  }

  async #fetch(url: string): Promise<T> {
    if (this.#underWay.size >= MAX_FETCHES) {
      return this.#substitute(url, new FetchFailed('too many other fetches are running'))
    }
    try {
      const { json, freshSeconds } = await this.#dependencies.fetchJson(new URL(url))
      const value = this.#dependencies.read(url, json)
      this.#copies.keep(url, value, freshSeconds)
      this.#failedAt.delete(url)
      return value
    } catch (error) {
      if (!(error instanceof FetchFailed) && !(error instanceof DocumentRefused)) throw error
      this.#rememberFailure(url)
      return this.#substitute(url, error)
    }
  }

  #substitute(url: string, error: Error): T {
    const standIn = this.#standIn(url)
    const { host } = new URL(url)
    this.#dependencies.log.warn(
      { host, reason: error.message, standIn: standIn !== undefined },
      'client document: fetch failed',
    )
    if (standIn === undefined) throw unavailable(url, error)
    return standIn
  }

  #standIn(url: string): T | undefined {
    const lastGood = this.#copies.lastGood(url)
    if (lastGood !== undefined) return lastGood
    const pinned = this.#dependencies.pinned(url)
    return pinned === undefined ? undefined : this.#dependencies.read(url, pinned)
  }

  #rememberFailure(url: string): void {
    this.#failedAt.delete(url)
    this.#failedAt.set(url, this.#dependencies.now())
    const [oldest] = this.#failedAt.keys()
    if (this.#failedAt.size > MAX_FAILURES && oldest !== undefined) this.#failedAt.delete(oldest)
  }
}

function unavailable(url: string, cause: Error): Unavailable {
  const hasAnswered = cause instanceof DocumentRefused
  return new Unavailable(`${new URL(url).host}, which publishes this application,`, { cause, hasAnswered })
}
