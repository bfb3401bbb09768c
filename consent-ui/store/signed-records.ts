import { createHmac } from 'node:crypto'
import { equalSecrets } from '../../core/keys/hash.ts'
import { acceptedKey, subkey, type KeyRing, type OperatorKey } from '../../core/keys/keys.ts'
import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import { contentOf, parseRecord, RECORD_VERSION } from '../../core/store/record.ts'
import { ShownError } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'
import type { RecordAlarms, RecordKind } from '../metrics/record-alarms.ts'

export interface RecordName {
  readonly kind: RecordKind
  readonly storeKey: string
}

interface SignedRecordsParts {
  readonly ring: KeyRing
  /** Records of earlier versions have no MAC; they count until then (seconds since 1970). */
  readonly unsignedUntil: number
  readonly alarms: RecordAlarms
  readonly now: () => number
}

const MAC = /^([a-z0-9-]{1,16})\.([A-Za-z0-9_-]{43})$/

/** Redis records with a MAC over key and content: an attacker who can write to Redis cannot change or copy one. */
export class SignedRecords {
  readonly #parts: SignedRecordsParts

  constructor(parts: SignedRecordsParts) {
    this.#parts = parts
  }

  /** The content as JSON, with `mac`: `<key id>.<MAC in base64url>`. */
  write(name: RecordName, content: object): string {
    const { current } = this.#parts.ring
    const versioned = { version: RECORD_VERSION, ...content }
    return JSON.stringify({ ...versioned, mac: `${current.id}.${this.#macUnder(current, name, versioned)}` })
  }

  /** @throws ShownError for a changed record, and raises an alarm; MissingKeyError; UnreadableRecordError */
  read(name: RecordName, text: string): object {
    const record = parseRecord(text)
    if (record === undefined) throw this.#refused(name)
    const { mac, ...signed } = record as { readonly mac?: unknown }
    // Before the MAC, which a later version may compute in another way.
    const content = contentOf(signed)
    if (mac === undefined && this.acceptsUnsigned()) return content
    const [, keyId, tag = ''] = MAC.exec(String(mac)) ?? []
    if (keyId === undefined) throw this.#refused(name)
    const key = acceptedKey(this.#parts.ring, keyId)
    if (key === undefined) throw new MissingKeyError(keyId)
    if (equalSecrets(tag, this.#macUnder(key, name, signed))) return content
    throw this.#refused(name)
  }

  acceptsUnsigned(): boolean {
    return this.#parts.now() < this.#parts.unsignedUntil
  }

  #macUnder(key: OperatorKey, { kind, storeKey }: RecordName, content: object): string {
    return createHmac('sha256', subkey(this.#parts.ring, key, { purpose: `record ${kind}` }))
      .update(JSON.stringify([storeKey, content]))
      .digest('base64url')
  }

  #refused({ kind }: RecordName): ShownError {
    this.#parts.alarms.raise(kind)
    return new ShownError(en.errors.changedRecord, 403)
  }
}
