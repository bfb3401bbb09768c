import { z } from 'zod'
import { parseJson } from '../../core/http/parse-json.ts'
import { sha256 } from '../../core/keys/hash.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Store } from '../../core/store/redis.ts'
import { ENDED_SESSION_SECONDS } from '../lifetimes.ts'
import { quiltUser } from './link-store.ts'

/** Of one user; the oldest are forgotten first. */
const MAX_KEPT = 10

const endedSchema = z.object({
  clientName: z.string(),
  /** Seconds since 1970. */
  endedAt: z.number(),
  /** An `EndCause`; a later release may know others. */
  cause: z.string(),
})

export type EndedSession = z.infer<typeof endedSchema>

interface EndedSessionsParts {
  /** Of the Connect host. */
  readonly origin: string
  /** The Registry's origin. */
  readonly registry: string
  /** Seconds since 1970. */
  readonly now: () => number
}

/** What ended lately, by Quilt user, and why: for the user's own page. */
export class EndedSessions {
  readonly #redis: Store
  readonly #parts: EndedSessionsParts

  constructor(redis: Store, parts: EndedSessionsParts) {
    this.#redis = redis
    this.#parts = parts
  }

  async add({ person, clientName }: Pick<Session, 'person' | 'clientName'>, cause: string): Promise<void> {
    const { registry, now } = this.#parts
    const ended: EndedSession = { clientName, endedAt: now(), cause }
    const key = this.#keyOf(quiltUser({ registry, name: person.name }))
    await this.#redis.eval(ADD, 1, key, JSON.stringify(ended), MAX_KEPT, ENDED_SESSION_SECONDS)
  }

  /** The latest first. @param user - as {@link quiltUser} names it */
  async of(user: string | undefined): Promise<readonly EndedSession[]> {
    if (user === undefined) return []
    const since = this.#parts.now() - ENDED_SESSION_SECONDS
    const records = await this.#redis.lrange(this.#keyOf(user), '0', '-1')
    return records
      .flatMap((record) => endedSchema.safeParse(parseJson(record)).data ?? [])
      .filter(({ endedAt }) => endedAt > since)
  }

  #keyOf(user: string): string {
    return `connect:ended-of:${sha256(JSON.stringify([this.#parts.origin, user]))}`
  }
}

const ADD = `
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], 0, ARGV[2] - 1)
return redis.call('EXPIRE', KEYS[1], ARGV[3])
`
