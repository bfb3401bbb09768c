import { z } from 'zod'
import { parseJson } from '../../core/http/parse-json.ts'
import { sha256 } from '../../core/keys/hash.ts'
import type { EndCause, ShownCause } from '../../core/sessions/end-cause.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Store } from '../../core/store/redis.ts'
import { isCheckRedirect } from '../check/connection-check.ts'
import { ENDED_SESSION_SECONDS } from '../lifetimes.ts'
import { quiltUser } from './link-store.ts'

/** Of one user; the oldest are forgotten first. */
const MAX_KEPT = 10

const memberSchema = z.object({
  /** The hash of the session's id. */
  tag: z.string(),
  clientName: z.string(),
  expiresAt: z.number(),
  /** Absent in entries of earlier releases, as the next. */
  resource: z.string().optional(),
  createdAt: z.number().optional(),
  /** A `ShownCause`, and a later release may know others; absent unless something ended it. */
  cause: z.string().optional(),
})

type Member = z.infer<typeof memberSchema>

export interface EndedSession {
  readonly tag: string
  readonly clientName: string
  /** Undefined if it is not known, as the next. */
  readonly resource: string | undefined
  /** Seconds since 1970, as the next. */
  readonly createdAt: number | undefined
  readonly endedAt: number
  /** A `ShownCause`; a later release may know others. */
  readonly cause: string
}

interface EndedSessionsParts {
  /** Of the Connect host. */
  readonly origin: string
  /** The Registry's origin. */
  readonly registry: string
  /** Seconds since 1970. */
  readonly now: () => number
  readonly log: Log
}

/**
 * What ended lately, by Quilt user, and why: for the user's own page. Redis drops an expired session without a word, so
 * each session is entered when it opens, at the time when it will end by itself. Writing never throws: it must not keep
 * a session from opening or ending.
 */
export class EndedSessions {
  readonly #redis: Store
  readonly #parts: EndedSessionsParts

  constructor(redis: Store, parts: EndedSessionsParts) {
    this.#redis = redis
    this.#parts = parts
  }

  /** Enters a session. @param endsAt - when it ends, in seconds since 1970, unless it is used until then */
  async opened(session: Session, endsAt: number): Promise<void> {
    if (!this.#isCheck(session)) await this.#write(session, { member: memberOf(session), at: endsAt })
  }

  /** Notes a use; a session that something has ended stays so. @param endsAt - as in {@link opened} */
  async used(session: Session, endsAt: number): Promise<void> {
    await this.#write(session, { member: memberOf(session), at: endsAt, only: 'XX' })
  }

  async ended(session: Session, cause: EndCause): Promise<void> {
    if (cause === 'replaced' || this.#isCheck(session)) return
    const [member, before] = [{ ...memberOf(session), cause }, memberOf(session)]
    await this.#write(session, { member, before, at: this.#parts.now() })
  }

  /** The latest first. @param user - as {@link quiltUser} names it */
  async of(user: string | undefined): Promise<readonly EndedSession[]> {
    if (user === undefined) return []
    const now = this.#parts.now()
    const range = [now, `(${now - ENDED_SESSION_SECONDS}`, 'BYSCORE', 'REV', 'LIMIT', 0, MAX_KEPT] as const
    const flat = await this.#redis.zrange(this.#keyOf(user), ...range, 'WITHSCORES')
    return flat.flatMap((text, index) => (index % 2 === 0 ? endedOf(text, Number(flat[index + 1])) : []))
  }

  async #write(
    { person }: Session,
    { member, before, at, only = '' }: { member: Member; before?: Member; at: number; only?: string },
  ): Promise<void> {
    const { registry, now, log } = this.#parts
    const since = now() - ENDED_SESSION_SECONDS
    const key = this.#keyOf(quiltUser({ registry, name: person.name }))
    const texts = [JSON.stringify(member), before === undefined ? '' : JSON.stringify(before)]
    try {
      await this.#redis.eval(WRITE, 1, key, ...texts, at, only, now(), since, MAX_KEPT, at - since)
    } catch (error) {
      log.info({ reason: describeError(error) }, 'redis: end of a session not listed for its user')
    }
  }

  /** “Check my connection” ends its own session. */
  #isCheck({ redirectUri }: Session): boolean {
    return redirectUri !== undefined && isCheckRedirect(this.#parts.origin, redirectUri)
  }

  #keyOf(user: string): string {
    return `connect:ends-of:${sha256(JSON.stringify([this.#parts.origin, user]))}`
  }
}

/** The same at each call: Redis finds the entry of a session by it. */
function memberOf({ id, clientName, expiresAt, resource, createdAt }: Session): Member {
  return { tag: sha256(id), clientName, expiresAt, resource, createdAt }
}

function endedOf(text: string, endedAt: number): EndedSession[] {
  const { data } = memberSchema.safeParse(parseJson(text))
  if (data === undefined) return []
  const { tag, clientName, expiresAt, resource, createdAt } = data
  const byItself: ShownCause = endedAt < expiresAt ? 'unused' : 'expired'
  return [{ tag, clientName, resource, createdAt, endedAt, cause: data.cause ?? byItself }]
}

/** ARGV: member, the one that it replaces, time, `XX`, now, oldest that is shown, how many, lifetime. */
const WRITE = `
local member, before, at, only, now, since, max, seconds = unpack(ARGV)
if before ~= '' then redis.call('ZREM', KEYS[1], before) end
if only == '' then redis.call('ZADD', KEYS[1], at, member) else redis.call('ZADD', KEYS[1], only, at, member) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', since)
local ended = redis.call('ZCOUNT', KEYS[1], '-inf', now)
if ended > tonumber(max) then redis.call('ZREMRANGEBYRANK', KEYS[1], 0, ended - max - 1) end
if redis.call('TTL', KEYS[1]) < tonumber(seconds) then redis.call('EXPIRE', KEYS[1], seconds) end
return 1
`
