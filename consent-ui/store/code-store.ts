import { randomSecret, sha256 } from '../../core/hash.ts'
import type { KeyRing } from '../../core/keys.ts'
import { open, seal, type Binding } from '../../core/sealing.ts'
import type { SessionStore } from '../../core/session-store.ts'
import type { Access, Person } from '../../core/session.ts'
import { CODE_SECONDS } from '../lifetimes.ts'
import type { ObtainedCredential } from '../quilt/credential-source.ts'

/** What a person approved, as it waits behind an authorization code. */
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
  readonly approvedAt: number
}

interface CodeRecord {
  readonly state: 'issued' | 'used'
  readonly approval: Approval
  readonly sealedCredential?: string
}

/** A code that was found: its approval, and what {@link SessionStore.openSession} needs to use it up. */
export interface FoundCode {
  readonly approval: Approval
  readonly credential: ObtainedCredential
  readonly hash: string
  readonly record: string
  readonly usedMarker: string
}

const FORMAT = /^([A-Za-z0-9_-]{43})\.[A-Za-z0-9_-]{43}$/

/** Authorization codes: `<session to be>.<secret>`, known to the store by hash, the credential sealed under them. */
export class CodeStore {
  readonly #sessions: SessionStore
  readonly #ring: KeyRing

  constructor(sessions: SessionStore, ring: KeyRing) {
    this.#sessions = sessions
    this.#ring = ring
  }

  /** @returns the code for the client */
  async issue(approval: Approval, credential: ObtainedCredential): Promise<string> {
    const code = `${approval.sessionId}.${randomSecret()}`
    const sealedCredential = seal(this.#ring, binding(approval, code), JSON.stringify(credential))
    const record: CodeRecord = { state: 'issued', approval, sealedCredential }
    await this.#sessions.issueCode(approval.sessionId, sha256(code), {
      record: JSON.stringify(record),
      seconds: CODE_SECONDS,
    })
    return code
  }

  /** The approval behind a code; undefined when there is none, or the code was used. */
  async find(code: string): Promise<FoundCode | undefined> {
    const [, sessionId] = FORMAT.exec(code) ?? []
    if (sessionId === undefined) return undefined
    const hash = sha256(code)
    const record = await this.#sessions.findCode(sessionId, hash)
    if (record === undefined) return undefined
    const { state, approval, sealedCredential } = JSON.parse(record) as CodeRecord
    if (state !== 'issued' || sealedCredential === undefined) return undefined
    const credential = open(this.#ring, binding(approval, code), sealedCredential)
    if (credential === undefined) return undefined
    const usedMarker: CodeRecord = { state: 'used', approval }
    return {
      approval,
      credential: JSON.parse(credential) as ObtainedCredential,
      hash,
      record,
      usedMarker: JSON.stringify(usedMarker),
    }
  }
}

function binding(approval: Approval, code: string): Binding {
  return { purpose: 'authorization code', share: Buffer.from(code), context: [JSON.stringify(approval)] }
}
