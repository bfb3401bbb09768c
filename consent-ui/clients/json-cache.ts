import type { Log } from '../../core/log.ts'
import { Unavailable } from '../oauth/errors.ts'
import { FetchFailed, type FetchedJson } from './fetch-json.ts'

export interface JsonCacheParts {
  /** @throws FetchFailed */
  readonly fetchJson: (url: URL) => Promise<FetchedJson>
  /** What stands in for a document that cannot be fetched. */
  readonly pinned: (url: string) => unknown
  /** Seconds since 1970. */
  readonly now: () => number
  readonly log: Log
}

interface Kept {
  readonly json: unknown
  readonly fetchedAt: number
  readonly freshUntil: number
}

const MOST_URLS = 500
/** Whoever names URLs by the thousand waits, and everybody else has a copy. */
const MOST_FETCHES = 50
/** An old copy stands in for so long, when a new one cannot be fetched. */
const STALE_SECONDS = 86_400
/** While a server does not answer, nobody else waits for it. */
const SUBSTITUTE_SECONDS = 300

/** JSON by URL, kept for as long as its server says. Failures are not kept, and one fetch is under way for a URL. */
export class JsonCache {
  readonly #parts: JsonCacheParts
  readonly #kept = new Map<string, Kept>()
  readonly #underWay = new Map<string, Promise<unknown>>()

  constructor(parts: JsonCacheParts) {
    this.#parts = parts
  }

  /**
   * @param fetchedSince - seconds since 1970: a copy that is older will not do, fresh or not
   * @throws Unavailable when it cannot be fetched and nothing stands in for it
   */
  async get(url: string, fetchedSince = 0): Promise<unknown> {
    const kept = this.#kept.get(url)
    if (kept !== undefined && kept.freshUntil > this.#parts.now() && kept.fetchedAt >= fetchedSince) {
      return kept.json
    }
    const underWay = this.#underWay.get(url) ?? this.#fetch(url).finally(() => this.#underWay.delete(url))
    this.#underWay.set(url, underWay)
    return await underWay
  }

  async #fetch(url: string): Promise<unknown> {
    try {
      if (this.#underWay.size >= MOST_FETCHES) throw new FetchFailed('too many are fetched just now')
      const { json, freshSeconds } = await this.#parts.fetchJson(new URL(url))
      this.#keep(url, { json, seconds: freshSeconds, fetchedAt: this.#parts.now() })
      return json
    } catch (error) {
      if (!(error instanceof FetchFailed)) throw error
      return this.#substitute(url, error)
    }
  }

  #substitute(url: string, error: FetchFailed): unknown {
    const { log, now, pinned } = this.#parts
    const old = this.#kept.get(url)
    const isUsable = old !== undefined && old.fetchedAt + STALE_SECONDS > now()
    const json = isUsable ? old.json : pinned(url)
    const { host } = new URL(url)
    log.warn(
      { host, reason: error.message, standIn: json !== undefined },
      'what a client published of itself could not be fetched',
    )
    if (json === undefined)
      throw new Unavailable(`${host}, which publishes this application,`, { cause: error })
    // As old as it was: who needs a newer one asks again.
    this.#keep(url, { json, seconds: SUBSTITUTE_SECONDS, fetchedAt: isUsable ? old.fetchedAt : now() })
    return json
  }

  #keep(
    url: string,
    { json, seconds, fetchedAt }: { json: unknown; seconds: number; fetchedAt: number },
  ): void {
    this.#kept.delete(url)
    if (seconds === 0) return
    this.#kept.set(url, { json, fetchedAt, freshUntil: this.#parts.now() + seconds })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MOST_URLS && oldest !== undefined) this.#kept.delete(oldest)
  }
}
