import { sha256 } from '../../core/keys/hash.ts'
import { parseRecord } from '../../core/store/record.ts'
import type { Store } from '../../core/store/redis.ts'
import { mastersOf } from '../../core/store/store-masters.ts'
import { LINK_SECONDS } from '../lifetimes.ts'
import type { SignedRecords } from './signed-records.ts'

const LINK_PREFIX = 'connect:person:'

export interface Link {
  /** The Registry's origin, and its `current_user`. */
  readonly registry: string
  readonly name: string
  /** The identity provider's issuer, and its `sub`. */
  readonly issuer: string
  readonly subject: string
}

interface LinkRecord {
  /** The key of the other name. */
  readonly to: string
  /** The Connect host that wrote it; others in the same Redis have their own links and keys. */
  readonly origin: string
}

export interface LinkStoreParts {
  readonly store: Store
  readonly records: SignedRecords
  /** Of the Connect host. */
  readonly origin: string
}

/**
 * Links between Quilt users and subjects of the identity provider. An e-mail address may pass to another person, so
 * the first sign-in fixes the link in both directions. Each sign-in signs the link again, under the current key.
 */
export class LinkStore {
  readonly #parts: LinkStoreParts

  constructor(parts: LinkStoreParts) {
    this.#parts = parts
  }

  /** @returns false if either is linked to another. @throws ShownError for a link changed in Redis; MissingKeyError */
  async confirm({ registry, name, issuer, subject }: Link): Promise<boolean> {
    const user = linkKey('quilt', registry, name, issuer)
    const identity = linkKey('identity', registry, issuer, subject)
    // Read both before writing: a refused sign-in must leave no link.
    const [userIs, identityIs] = [await this.#find(user), await this.#find(identity)]
    if ((userIs ?? identity) !== identity || (identityIs ?? user) !== user) return false
    if (!(await this.#link(user, identity)) || !(await this.#link(identity, user))) return false
    const key = this.#keyOf(userKey({ registry, issuer, subject }))
    const before = await this.#parts.store.get(key)
    await this.#write(key, {
      ...(before === null ? {} : this.#read(key, before)),
      to: quiltUser({ registry, name }),
    })
    return true
  }

  /** @returns the {@link quiltUser} of a subject; undefined before their first approval. @throws as {@link confirm} */
  async userOf(identity: Omit<Link, 'name'>): Promise<string | undefined> {
    return await this.#find(userKey(identity))
  }

  /**
   * Removes the links of a Quilt user whose subject at an issuer was created anew: the next sign-in makes new ones.
   *
   * @returns false without such a link. @throws as {@link confirm}
   */
  async unlink({ registry, name, issuer }: Omit<Link, 'subject'>): Promise<boolean> {
    const user = linkKey('quilt', registry, name, issuer)
    const identity = await this.#find(user)
    if (identity === undefined) return false
    const subjects = await this.#subjectsOf(quiltUser({ registry, name }))
    // One by one: in a cluster they are in different slots. The user's last, so that a second try finds the rest.
    for (const key of [...subjects, this.#keyOf(identity), identity, this.#keyOf(user), user]) {
      await this.#parts.store.del(key)
    }
    return true
  }

  /** Keys of the subjects, hashed with their issuers, of whom {@link userOf} returns this user. Scans all links. */
  async #subjectsOf(user: string): Promise<string[]> {
    const found: string[] = []
    for (const master of (await mastersOf(this.#parts.store)).values()) {
      if (master === undefined) throw new Error('redis: a master is not connected yet')
      for await (const batch of master.scanStream({ match: `${LINK_PREFIX}*`, count: 500 })) {
        const keys = batch as string[]
        const texts = await Promise.all(keys.map((key) => master.get(key)))
        found.push(...keys.filter((_key, index) => isLinkTo(texts[index] ?? '', user)))
      }
    }
    return [...new Set(found)]
  }

  async #find(name: string): Promise<string | undefined> {
    const key = this.#keyOf(name)
    const text = await this.#parts.store.get(key)
    if (text !== null) return this.#read(key, text).to
    // Earlier versions wrote unsigned links, shared by all Connect hosts of a Redis.
    if (!this.#parts.records.acceptsUnsigned()) return undefined
    return (await this.#parts.store.get(name)) ?? undefined
  }

  /** True if the Quilt user is linked to another subject, for instance an account that was created anew. */
  async hasAnotherSubject({ registry, name, issuer, subject }: Link): Promise<boolean> {
    const linked = await this.#find(linkKey('quilt', registry, name, issuer))
    return linked !== undefined && linked !== linkKey('identity', registry, issuer, subject)
  }

  /** Of two links at the same moment, the first one counts. */
  async #link(name: string, other: string): Promise<boolean> {
    const key = this.#keyOf(name)
    const text = this.#textOf(key, { to: other })
    const before = await this.#parts.store.set(key, text, 'EX', LINK_SECONDS, 'NX', 'GET')
    if (before === null) return true
    const link = this.#read(key, before)
    if (link.to !== other) return false
    await this.#write(key, link)
    return true
  }

  async #write(key: string, link: Pick<LinkRecord, 'to'>): Promise<void> {
    await this.#parts.store.set(key, this.#textOf(key, link), 'EX', LINK_SECONDS)
  }

  #textOf(storeKey: string, link: Pick<LinkRecord, 'to'>): string {
    const { records, origin } = this.#parts
    return records.write({ kind: 'person_link', storeKey }, { ...link, origin })
  }

  #read(storeKey: string, text: string): LinkRecord {
    return this.#parts.records.read({ kind: 'person_link', storeKey }, text) as LinkRecord
  }

  #keyOf(name: string): string {
    return linkKey(this.#parts.origin, name)
  }
}

/** A Quilt user as a hash, the same for every identity provider. */
export function quiltUser({ registry, name }: Pick<Link, 'registry' | 'name'>): string {
  return linkKey('quilt user', registry, name)
}

/** All Quilt users with an e-mail address, in any case: of a person without a session, only the address is known. */
export function quiltAddress({
  registry,
  email,
}: {
  readonly registry: string
  readonly email: string
}): string {
  return linkKey('quilt address', registry, email.toLowerCase())
}

/** A Quilt user by name and by address: their sessions are listed, and their codes revoked, under both. */
export function namesOfUser(
  registry: string,
  { name, email }: { readonly name: string; readonly email: string },
): readonly string[] {
  return [quiltUser({ registry, name }), quiltAddress({ registry, email })]
}

function isLinkTo(text: string, user: string): boolean {
  return (parseRecord(text) as { readonly to?: unknown } | undefined)?.to === user
}

function userKey({ registry, issuer, subject }: Omit<Link, 'name'>): string {
  return linkKey('user of', registry, issuer, subject)
}

function linkKey(...names: readonly string[]): string {
  return `${LINK_PREFIX}${sha256(JSON.stringify(names))}`
}
