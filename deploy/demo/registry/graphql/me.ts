import type { RoleName } from '../../roles.ts'
import type { Account } from '../accounts.ts'
import type { ApiKeys, ApiKeyStatus } from '../api-keys.ts'
import { showKey } from './show-key.ts'

interface KeyFilter {
  readonly name?: string | null
  readonly fingerprint?: string | null
  readonly status?: ApiKeyStatus | null
}

export function me(account: Account, keys: ApiKeys) {
  const { quilt, email } = account.person
  const shown = () => keys.of(account).map((key) => showKey(keys, key))
  return {
    __typename: 'Me',
    name: quilt.name,
    email,
    isAdmin: account.isAdmin,
    role: { name: account.role },
    roles: rolesOf(account).map((name) => ({ name })),
    apiKeys: (wanted: KeyFilter) => shown().filter((key) => matches(key, wanted)),
    apiKey: ({ id }: { id: string }) => shown().find((key) => key.id === id),
  }
}

/** The roles that the user may switch to, and the active one. */
export function rolesOf({ person }: Account): readonly RoleName[] {
  return [person.quilt.role, ...person.quilt.extraRoles]
}

/** An absent or null argument matches every key. */
function matches(key: Required<{ [name in keyof KeyFilter]: string }>, wanted: KeyFilter): boolean {
  const fields = ['name', 'fingerprint', 'status'] as const
  return fields.every((field) => (wanted[field] ?? key[field]) === key[field])
}
