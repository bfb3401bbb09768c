import { randomSecret, sha256 } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { openStored, seal, type Binding } from '../../core/keys/sealing.ts'
import type { OpenedFrom } from '../../core/sessions/session-details.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Access, Person } from '../../core/sessions/session.ts'
import { readRecord, writeRecord } from '../../core/store/record.ts'
import { CODE_SECONDS } from '../lifetimes.ts'
import type { ProviderSession } from '../provider/signed-in.ts'
import type { ObtainedCredential } from '../quilt/credential-source.ts'

/** What a user approved, stored with the authorization code. */
export interface Approval {
  readonly sessionId: string
  readonly person: Person
  readonly clientId: string
  readonly clientName: string
  readonly redirectUri: string
  readonly codeChallenge: string
  readonly service: string
  readonly scope: string
  readonly access: Access
  /** For the user's page; absent in codes of earlier releases. */
  readonly openedFrom?: OpenedFrom
  readonly approvedAt: number
  /** The latest end of its session. */
  readonly endsAt: number
  /** The user's revocation markers at the approval, separated by spaces; absent without one. */
  readonly takenBack?: string
  /** The sign-in at the identity provider, if there was one. */
  readonly signIn?: ProviderSession
}

type CodeRecord =
  | { readonly state: 'issued'; readonly approval: Approval; readonly sealedCredential: string }
  | { readonly state: 'used'; readonly approval: Approval; readonly usedAt: number }

/** A code that can be redeemed, with what {@link SessionStore.openSession} needs to use it up. */
export interface IssuedCode {
  readonly state: 'issued'
  readonly approval: Approval
  readonly credential: ObtainedCredential
  readonly hash: string
  readonly record: string
}

export interface UsedCode {
  readonly state: 'used'
  readonly approval: Approval
  /** Seconds since 1970. */
  readonly usedAt: number
}

export type KnownCode = IssuedCode | UsedCode

const FORMAT = /^([A-Za-z0-9_-]{43})\.[A-Za-z0-9_-]{43}$/

/** Authorization codes, `<session id>.<secret>`: Redis has their hash, and the credential sealed under them. */
export class CodeStore {
  readonly #sessions: SessionStore
  readonly #ring: KeyRing

  constructor(sessions: SessionStore, ring: KeyRing) {
    this.#sessions = sessions
    this.#ring = ring
  }

  async issue(approval: Approval, credential: ObtainedCredential): Promise<string> {
    const code = `${approval.sessionId}.${randomSecret()}`
    const sealedCredential = seal(this.#ring, binding(approval, code), JSON.stringify(credential))
    const record: CodeRecord = { state: 'issued', approval, sealedCredential }
    await this.#sessions.issueCode(approval.sessionId, sha256(code), {
      record: writeRecord(record),
      seconds: CODE_SECONDS,
    })
    return code
  }

  async find(code: string): Promise<KnownCode | undefined> {
    const [, sessionId] = FORMAT.exec(code) ?? []
    if (sessionId === undefined) return undefined
    const hash = sha256(code)
    const record = await this.#sessions.findCode(sessionId, hash)
    if (record === undefined) return undefined
    const known = readRecord(record) as CodeRecord
    // It may have been used since, or its session revoked.
    if (await this.#sessions.isRolledBack(sessionId, known.approval.approvedAt)) return undefined
    if (known.state === 'used') return known
    const { approval, sealedCredential } = known
    const plaintext = openStored(this.#ring, binding(approval, code), sealedCredential)
    if (plaintext === undefined) return undefined
    return {
      state: 'issued',
      approval,
      credential: JSON.parse(plaintext) as ObtainedCredential,
      hash,
      record,
    }
  }
}

/** The record that replaces a redeemed code. */
export function usedMarker({ record }: Pick<IssuedCode, 'record'>, usedAt: number): string {
  const issued = readRecord(record) as CodeRecord
  return writeRecord({ ...issued, state: 'used', sealedCredential: undefined, usedAt })
}

function binding(approval: Approval, code: string): Binding {
  return { purpose: 'authorization code', share: Buffer.from(code), context: [JSON.stringify(approval)] }
}
