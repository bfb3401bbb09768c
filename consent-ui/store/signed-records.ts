import { createHmac } from 'node:crypto'
import { equalSecrets } from '../../core/keys/hash.ts'
import { acceptedKey, subkey, type KeyRing, type OperatorKey } from '../../core/keys/keys.ts'
import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import { parseJson } from '../../core/http/parse-json.ts'
import { ShownError } from '../oauth/errors.ts'
import type { RecordAlarms, RecordKind } from '../metrics/record-alarms.ts'

/** Names a record: what it is, and the key under which the store holds it. */
export interface RecordName {
  readonly kind: RecordKind
  readonly storeKey: string
}

interface SignedRecordsParts {
  readonly ring: KeyRing
  /** Until then (seconds since 1970) a record without a MAC counts, as versions before this one wrote it. */
  readonly unsignedUntil: number
  readonly alarms: RecordAlarms
  readonly now: () => number
}

const MAC = /^([a-z0-9-]{1,16})\.([A-Za-z0-9_-]{43})$/

/**
 * Records of the store that carry a MAC (HMAC-SHA256) over their name and content: an attacker who can write to the
 * store can neither change one nor put one in another's place.
 */
export class SignedRecords {
  readonly #parts: SignedRecordsParts

  constructor(parts: SignedRecordsParts) {
    this.#parts = parts
  }

  /** The text to store: the content as JSON, with `mac`, `<key id>.<MAC, base64url>`. */
  write(name: RecordName, content: object): string {
    const { current } = this.#parts.ring
    return JSON.stringify({ ...content, mac: `${current.id}.${this.#macUnder(current, name, content)}` })
  }

  /**
   * The content of a record as {@link write} wrote it.
   *
   * @throws ShownError for a record that was changed outside of this server, with an alarm; MissingKeyError
   */
  read(name: RecordName, text: string): object {
    const record = recordIn(text)
    if (record === undefined) throw this.#refused(name)
    const { mac, ...content } = record
    if (mac === undefined && this.acceptsUnsigned()) return content
    const [, keyId, tag = ''] = MAC.exec(String(mac)) ?? []
    if (keyId === undefined) throw this.#refused(name)
    const key = acceptedKey(this.#parts.ring, keyId)
    if (key === undefined) throw new MissingKeyError(keyId)
    if (equalSecrets(tag, this.#macUnder(key, name, content))) return content
    throw this.#refused(name)
  }

  /** Whether records without a MAC still count. */
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
    return new ShownError(
      'This request cannot be verified',
      'What this server had stored for it was changed. Nothing was allowed. Tell the operator of this server, then connect again.',
      403,
    )
  }
}

/** A record as it stands; undefined for a text that is not a JSON object. */
function recordIn(text: string): { readonly mac?: unknown } | undefined {
  const value = parseJson(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}
