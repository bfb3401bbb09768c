import type { ApiKey, ApiKeys } from '../api-keys.ts'

/** An `APIKey` of the schema. */
export function showKey(keys: ApiKeys, key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    fingerprint: key.fingerprint,
    createdAt: datetime(key.createdAt),
    expiresAt: datetime(key.expiresAt),
    lastUsedAt: key.lastUsedAt === undefined ? null : datetime(key.lastUsedAt),
    userEmail: key.account.person.email,
    status: keys.statusOf(key),
  }
}

/** @param seconds - since 1970 */
function datetime(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
