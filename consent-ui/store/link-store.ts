import { sha256 } from '../../core/hash.ts'
import type { Store } from '../../core/redis.ts'
import { LINK_SECONDS } from '../lifetimes.ts'

/** The two names of one person. */
export interface Link {
  /** The Registry's origin, and its `current_user`. */
  readonly registry: string
  readonly name: string
  /** The identity provider's issuer, and its `sub`. */
  readonly issuer: string
  readonly subject: string
}

/**
 * Which Quilt user is which person at the identity provider. An e-mail may be given to somebody else, or be changed
 * by whoever has it; the first sign-in says who it was, both ways, and no later one changes that.
 */
export class LinkStore {
  readonly #redis: Store

  constructor(redis: Store) {
    this.#redis = redis
  }

  /**
   * Links two names, or finds that they are linked, and remembers it for {@link LINK_SECONDS} from now.
   *
   * @returns false when one of them is linked to another
   */
  async confirm({ registry, name, issuer, subject }: Link): Promise<boolean> {
    const user = linkKey('quilt', registry, name, issuer)
    const identity = linkKey('identity', registry, issuer, subject)
    // Both are read before either is written: a refused sign-in must leave no link behind.
    const [userIs, identityIs] = [await this.#redis.get(user), await this.#redis.get(identity)]
    if ((userIs ?? identity) !== identity || (identityIs ?? user) !== user) return false
    if (!(await this.#link(user, identity)) || !(await this.#link(identity, user))) return false
    await this.#redis.set(
      userKey({ registry, issuer, subject }),
      quiltUser({ registry, name }),
      'EX',
      LINK_SECONDS,
    )
    return true
  }

  /** The {@link quiltUser} that somebody at the identity provider is; undefined for who has approved nothing yet. */
  async userOf(identity: Omit<Link, 'name'>): Promise<string | undefined> {
    return (await this.#redis.get(userKey(identity))) ?? undefined
  }

  /** Of two that come at once, the first one counts. */
  async #link(key: string, other: string): Promise<boolean> {
    const before = await this.#redis.set(key, other, 'EX', LINK_SECONDS, 'NX', 'GET')
    if (before === null) return true
    if (before !== other) return false
    await this.#redis.expire(key, LINK_SECONDS)
    return true
  }
}

/** Names a Quilt user without saying the name, whichever identity provider signs people in. */
export function quiltUser({ registry, name }: Pick<Link, 'registry' | 'name'>): string {
  return linkKey('quilt user', registry, name)
}

function userKey({ registry, issuer, subject }: Omit<Link, 'name'>): string {
  return linkKey('user of', registry, issuer, subject)
}

function linkKey(...names: readonly string[]): string {
  return `connect:person:${sha256(JSON.stringify(names))}`
}
