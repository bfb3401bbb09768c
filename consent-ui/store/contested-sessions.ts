import { sha256 } from '../../core/keys/hash.ts'
import type { Store } from '../../core/store/redis.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import { MAX_SESSION_SECONDS, type Session } from '../../core/sessions/session.ts'
import { placeOf } from '../oauth/destination.ts'
import { quiltUser } from './link-store.ts'

interface ContestedParts {
  readonly sessions: SessionStore
  /** Of the Connect host. */
  readonly origin: string
  /** The Registry's origin. */
  readonly registry: string
}

/** What identifies the same application of the same user. */
type Application = Pick<Session, 'person' | 'clientId' | 'clientName' | 'redirectUri'>

/** Sessions whose tokens two parties hold, by Quilt user; see core/storage.md. */
export class ContestedSessions {
  readonly #redis: Store
  readonly #parts: ContestedParts

  constructor(redis: Store, parts: ContestedParts) {
    this.#redis = redis
    this.#parts = parts
  }

  /** Marks a session for the rest of its life. `now` is in seconds since 1970. */
  async mark(session: Session, now: number): Promise<void> {
    // Listed first: an unlisted session would not end at the next approval.
    await this.#redis.eval(LIST, 1, this.#keyOf(session.person.name), session.id, MAX_SESSION_SECONDS)
    await this.#parts.sessions.markContested(session.id, now)
  }

  /** Live sessions of the same user and application, by client id, or by name and destination. */
  async of(application: Application): Promise<Session[]> {
    const key = this.#keyOf(application.person.name)
    const ids = await this.#redis.smembers(key)
    const found = await Promise.all(ids.map((id) => this.#parts.sessions.find(id)))
    const gone = ids.filter((_id, index) => found[index] === undefined)
    if (gone.length > 0) await this.#redis.srem(key, ...gone)
    return found.filter(
      (session) => session !== undefined && isSameApplication(session, application),
    ) as Session[]
  }

  #keyOf(name: string): string {
    const { origin, registry } = this.#parts
    return `connect:contested:${sha256(JSON.stringify([origin, quiltUser({ registry, name })]))}`
  }
}

function isSameApplication(one: Application, other: Application): boolean {
  if (one.person.name !== other.person.name) return false
  return (
    one.clientId === other.clientId || (one.clientName === other.clientName && place(one) === place(other))
  )
}

function place({ redirectUri }: Application): string | undefined {
  return redirectUri === undefined ? undefined : placeOf(new URL(redirectUri))
}

const LIST = `
redis.call('SADD', KEYS[1], ARGV[1])
return redis.call('EXPIRE', KEYS[1], ARGV[2])
`
