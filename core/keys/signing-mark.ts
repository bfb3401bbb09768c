import { sha256 } from './hash.ts'
import type { Store } from '../store/redis.ts'

/** Says in the store that consent-ui signs access tokens with a key, for so many seconds. */
export async function markSigningKey(
  store: Store,
  { origin, keyId, seconds }: { readonly origin: string; readonly keyId: string; readonly seconds: number },
): Promise<void> {
  await store.set(markKey(origin, keyId), 'signs', 'EX', seconds)
}

/** For how many seconds at most access tokens of a key live on; 0 when there are none. */
export async function signedFor(store: Store, origin: string, keyId: string): Promise<number> {
  return Math.max(0, await store.ttl(markKey(origin, keyId)))
}

function markKey(origin: string, keyId: string): string {
  return `connect:signing-key:${sha256(origin)}:${keyId}`
}
