import { sha256 } from './hash.ts'
import type { Store } from '../store/redis.ts'

/** Marks in Redis that consent-ui signs access tokens with a key; the mark expires after `seconds`. */
export async function markSigningKey(
  store: Store,
  { origin, keyId, seconds }: { readonly origin: string; readonly keyId: string; readonly seconds: number },
): Promise<void> {
  await store.set(markKey(origin, keyId), 'signs', 'EX', seconds)
}

/** Reads the max remaining seconds of access tokens signed with a key; 0 when there are none. */
export async function signedFor(store: Store, origin: string, keyId: string): Promise<number> {
  return Math.max(0, await store.ttl(markKey(origin, keyId)))
}

function markKey(origin: string, keyId: string): string {
  return `connect:signing-key:${sha256(origin)}:${keyId}`
}
