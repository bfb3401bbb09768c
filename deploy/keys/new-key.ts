import { randomBytes } from 'node:crypto'
import { newSecret, type KeyKind, type KeyListEntry } from '../../core/keys/keys.ts'

/** Two keys of one day, or of two hosts, are told apart by it. */
const SUFFIX_BYTES = 2

/** A new entry of a key list, named after the day. */
export function newKey(kind: KeyKind, { use, now }: { use: 'sign' | 'accept'; now: Date }): KeyListEntry {
  const day = now.toISOString().slice(0, 'yyyy-mm-dd'.length)
  const id = `${day}-${randomBytes(SUFFIX_BYTES).toString('hex')}`
  return { id, secret: newSecret(kind), use }
}
