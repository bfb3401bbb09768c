import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import { Unavailable } from '../oauth/errors.ts'
import { DocumentRefused } from './document-refused.ts'
import { FetchFailed, type FetchedJson } from './fetch-json.ts'
import { KeptCopies } from './kept-copies.ts'

export interface JsonCacheParts<T> {
  /** @throws FetchFailed */
  readonly fetchJson: (url: URL) => Promise<FetchedJson>
  /**
   * Checks what was fetched: what does not pass is a failed fetch and is never kept.
   *
   * @throws DocumentRefused
   */
  readonly read: (url: string, json: unknown) => T
  /** The document in this repository for a URL; undefined where there is none. */
  readonly pinned: (url: string) => unknown
  /** Seconds since 1970. */
  readonly now: () => number
  readonly log: Log
}

/** All fetches under way, so that slow servers hold a bounded number of sockets. */
const MAX_FETCHES = 50
/** After a failed fetch the URL is not asked again for this time. */
const RETRY_SECONDS = 10
const MAX_FAILURES = 500

/**
 * Checked JSON by URL, kept for as long as its server says (RFC 9111). Of a failed fetch only its time is remembered;
 * meanwhile the last good copy, or the pinned one, is served.
 */
export class JsonCache<T> {
  readonly #parts: JsonCacheParts<T>
  readonly #copies: KeptCopies<T>
  /** When the last fetch of a URL failed; absent after a good one. */
  readonly #failedAt = new Map<string, number>()
  readonly #underWay = new Map<string, Promise<T>>()

  constructor(parts: JsonCacheParts<T>) {
    this.#parts = parts
    this.#copies = new KeptCopies(parts.now)
  }

  /**
   * @param fetchedSince - seconds since 1970: a copy that is older is asked for again, fresh or not
   * @throws Unavailable when it cannot be fetched or does not pass, and no copy stands in; the cause is DocumentRefused
   *   where it did not pass just now
   */
  async get(url: string, fetchedSince = 0): Promise<T> {
    const fresh = this.#copies.fresh(url, fetchedSince)
    if (fresh !== undefined) return fresh
    const failedAt = this.#failedAt.get(url)
    if (failedAt === undefined) return await this.#fetchOnce(url)
    const standIn = this.#standIn(url)
    const mayAskAgain = failedAt + RETRY_SECONDS <= this.#parts.now()
    if (standIn === undefined) {
      if (mayAskAgain) return await this.#fetchOnce(url)
      throw unavailable(url, new FetchFailed('it could not be fetched a moment ago'))
    }
    // No request waits for a server that failed before: its next answer serves the next request.
    if (mayAskAgain) this.#fetchInBackground(url)
    return standIn
  }

  async #fetchOnce(url: string): Promise<T> {
    const underWay = this.#underWay.get(url) ?? this.#fetch(url).finally(() => this.#underWay.delete(url))
    this.#underWay.set(url, underWay)
    return await underWay
  }

  #fetchInBackground(url: string): void {
    this.#fetchOnce(url).catch((error: unknown) => {
      this.#parts.log.error(
        { error: describeError(error) },
        'client document: fetch in the background failed',
      )
    })
  }

  async #fetch(url: string): Promise<T> {
    if (this.#underWay.size >= MAX_FETCHES) {
      return this.#substitute(url, new FetchFailed('too many are fetched just now'))
    }
    try {
      const { json, freshSeconds } = await this.#parts.fetchJson(new URL(url))
      const value = this.#parts.read(url, json)
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
    this.#parts.log.warn(
      { host, reason: error.message, standIn: standIn !== undefined },
      'client document: fetch failed',
    )
    if (standIn === undefined) throw unavailable(url, error)
    return standIn
  }

  #standIn(url: string): T | undefined {
    const lastGood = this.#copies.lastGood(url)
    if (lastGood !== undefined) return lastGood
    const pinned = this.#parts.pinned(url)
    return pinned === undefined ? undefined : this.#parts.read(url, pinned)
  }

  #rememberFailure(url: string): void {
    this.#failedAt.delete(url)
    this.#failedAt.set(url, this.#parts.now())
    const [oldest] = this.#failedAt.keys()
    if (this.#failedAt.size > MAX_FAILURES && oldest !== undefined) this.#failedAt.delete(oldest)
  }
}

function unavailable(url: string, cause: Error): Unavailable {
  const hasAnswered = cause instanceof DocumentRefused
  return new Unavailable(`${new URL(url).host}, which publishes this application,`, { cause, hasAnswered })
}
