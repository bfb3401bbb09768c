import { sha256 } from '../../core/keys/hash.ts'
import type { Store } from '../../core/store/redis.ts'
import { LINK_SECONDS } from '../lifetimes.ts'
import type { SignedRecords } from './signed-records.ts'

/** The two names of one person. */
export interface Link {
  /** The Registry's origin, and its `current_user`. */
  readonly registry: string
  readonly name: string
  /** The identity provider's issuer, and its `sub`. */
  readonly issuer: string
  readonly subject: string
}

/** What a link leads to: the key of the other name. */
interface LinkRecord {
  readonly to: string
  /** The Connect host that wrote it: another one in the same store has links and keys of its own. */
  readonly origin: string
}

export interface LinkStoreParts {
  readonly store: Store
  readonly records: SignedRecords
  /** Of the Connect host. */
  readonly origin: string
}

/**
 * Which Quilt user is which person at the identity provider. An e-mail may be given to another person, or be changed
 * by its owner; the first sign-in says who it was, both ways, and no later one changes that. Each link is signed, and
 * anew at each sign-in, so that the operator's keys can be replaced while it lives.
 */
export class LinkStore {
  readonly #parts: LinkStoreParts

  constructor(parts: LinkStoreParts) {
    this.#parts = parts
  }

  /**
   * Links two names, or finds that they are linked, and remembers it for {@link LINK_SECONDS} from now.
   *
   * @returns false when one of them is linked to another
   * @throws ShownError for a link that was changed outside of this server; MissingKeyError
   */
  async confirm({ registry, name, issuer, subject }: Link): Promise<boolean> {
    const user = linkKey('quilt', registry, name, issuer)
    const identity = linkKey('identity', registry, issuer, subject)
    // Both are read before either is written: a refused sign-in must leave no link behind.
    const [userIs, identityIs] = [await this.#find(user), await this.#find(identity)]
    if ((userIs ?? identity) !== identity || (identityIs ?? user) !== user) return false
    if (!(await this.#link(user, identity)) || !(await this.#link(identity, user))) return false
    await this.#write(userKey({ registry, issuer, subject }), quiltUser({ registry, name }))
    return true
  }

  /**
   * The {@link quiltUser} that a person at the identity provider is; undefined while they have approved nothing.
   *
   * @throws as {@link confirm}
   */
  async userOf(identity: Omit<Link, 'name'>): Promise<string | undefined> {
    return await this.#find(userKey(identity))
  }

  async #find(name: string): Promise<string | undefined> {
    const key = this.#keyOf(name)
    const text = await this.#parts.store.get(key)
    if (text !== null) return this.#read(key, text)
    // Earlier versions wrote links unsigned, one for all Connect hosts of a store.
    if (!this.#parts.records.acceptsUnsigned()) return undefined
    return (await this.#parts.store.get(name)) ?? undefined
  }

  /** True if the Quilt user is linked, and to another subject of the issuer: a person may have been created anew. */
  async hasAnotherSubject({ registry, name, issuer, subject }: Link): Promise<boolean> {
    const linked = await this.#find(linkKey('quilt', registry, name, issuer))
    return linked !== undefined && linked !== linkKey('identity', registry, issuer, subject)
  }

  /** Of two that come at once, the first one counts. */
  async #link(name: string, other: string): Promise<boolean> {
    const key = this.#keyOf(name)
    const before = await this.#parts.store.set(key, this.#textOf(key, other), 'EX', LINK_SECONDS, 'NX', 'GET')
    if (before === null) return true
    if (this.#read(key, before) !== other) return false
    await this.#write(name, other)
    return true
  }

  async #write(name: string, other: string): Promise<void> {
    const key = this.#keyOf(name)
    await this.#parts.store.set(key, this.#textOf(key, other), 'EX', LINK_SECONDS)
  }

  #textOf(storeKey: string, to: string): string {
    const { records, origin } = this.#parts
    const record: LinkRecord = { to, origin }
    return records.write({ kind: 'person_link', storeKey }, record)
  }

  #read(storeKey: string, text: string): string {
    const record = this.#parts.records.read({ kind: 'person_link', storeKey }, text) as LinkRecord
    return record.to
  }

  #keyOf(name: string): string {
    return linkKey(this.#parts.origin, name)
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
