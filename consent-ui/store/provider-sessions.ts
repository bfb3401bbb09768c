import { sha256 } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { openStored, seal, type Binding } from '../../core/keys/sealing.ts'
import type { Store } from '../../core/store/redis.ts'
import { LOGOUT_MARKER_SECONDS } from '../lifetimes.ts'
import type { ProviderSession } from '../provider/signed-in.ts'

/** What a logout token names: a session of the identity provider, or a subject with all its sessions. */
export interface LoggedOut {
  readonly issuer: string
  readonly subject?: string
  readonly sid?: string
  /** `iat` of the logout token: seconds since 1970, by the provider's clock. */
  readonly issuedAt: number
}

export interface ProviderSessionsParts {
  readonly store: Store
  readonly ring: KeyRing
  /** Of the Connect host; others in the same Redis have their own. */
  readonly origin: string
}

/** Sessions of the identity provider: known ones, and markers of those that were logged out; see core/storage.md. */
export class ProviderSessions {
  readonly #parts: ProviderSessionsParts

  constructor(parts: ProviderSessionsParts) {
    this.#parts = parts
  }

  /** Notes whose session a `sid` is, for logout requests that name only the `sid`. */
  async remember({ issuer, subject, sid }: ProviderSession, seconds: number): Promise<void> {
    if (sid === undefined) return
    const sealed = seal(this.#parts.ring, binding(issuer, sid), subject)
    await this.#parts.store.set(this.#keyOf('provider-session', issuer, sid), sealed, 'EX', seconds)
  }

  /** @returns undefined for a session that signed no user in here */
  async subjectOf({ issuer, sid }: { readonly issuer: string; readonly sid: string }) {
    const sealed = await this.#parts.store.get(this.#keyOf('provider-session', issuer, sid))
    return sealed === null ? undefined : openStored(this.#parts.ring, binding(issuer, sid), sealed)
  }

  /** Ends the sign-ins of a session or subject. Markers live longer than any sign-in that they end. */
  async markLoggedOut({ issuer, subject, sid, issuedAt }: LoggedOut): Promise<void> {
    const keys = [
      ...(sid === undefined ? [] : [this.#keyOf('logged-out', issuer, 'sid', sid)]),
      ...(subject === undefined
        ? []
        : [this.#keyOf('logged-out', issuer, sid === undefined ? 'sub' : 'sub without sid', subject)]),
    ]
    await Promise.all(
      keys.map((key) => this.#parts.store.eval(KEEP_LATEST, 1, key, issuedAt, LOGOUT_MARKER_SECONDS)),
    )
  }

  /** A `sid` is never used again; of a subject, only sign-ins from before the logout have ended. */
  async isLoggedOut({ issuer, subject, sid, issuedAt }: ProviderSession): Promise<boolean> {
    const find = async (...names: readonly string[]): Promise<number | undefined> => {
      const marker = await this.#parts.store.get(this.#keyOf('logged-out', issuer, ...names))
      return marker === null ? undefined : Number(marker)
    }
    // A provider whose ID tokens have no `sid` may still send it in logout tokens.
    const [ofSession, ofSubject] = await Promise.all([
      sid === undefined ? find('sub without sid', subject) : find('sid', sid),
      find('sub', subject),
    ])
    if (sid !== undefined && ofSession !== undefined) return true
    const markers = [ofSession, ofSubject].filter((marker) => marker !== undefined)
    // Written so that a sign-in without `issuedAt`, from an earlier release, has ended too.
    return markers.some((marker) => !(issuedAt > marker))
  }

  #keyOf(kind: string, ...names: readonly string[]): string {
    return `connect:${kind}:${sha256(JSON.stringify([this.#parts.origin, ...names]))}`
  }
}

/** Lists of a user's Connect sessions are named by user; these are by session or subject of the identity provider. */
export function sessionsOpenedFrom({ issuer, sid }: { readonly issuer: string; readonly sid: string }) {
  return JSON.stringify(['provider session', issuer, sid])
}

export function sessionsOpenedBy({ issuer, subject }: { readonly issuer: string; readonly subject: string }) {
  return JSON.stringify(['provider subject', issuer, subject])
}

/** The subject is sealed under the `sid`, which Redis does not have; hashed, as a provider's may be short. */
function binding(issuer: string, sid: string): Binding {
  return {
    purpose: 'provider session',
    share: Buffer.from(sha256(JSON.stringify(['share', issuer, sid]))),
    context: [issuer],
  }
}

/** Keeps the later of two times, for the full lifetime, also when memory is full. */
const KEEP_LATEST = `#!lua flags=allow-oom
local before = tonumber(redis.call('GET', KEYS[1]) or '-1')
redis.call('SET', KEYS[1], math.max(before, tonumber(ARGV[1])), 'EX', ARGV[2])
return 1
`
