import type { RoleName } from '../../roles.ts'
import type { Account } from '../accounts.ts'
import type { ApiKeys, ApiKeyStatus } from '../api-keys.ts'
import { showKey } from './show-key.ts'

interface KeyFilter {
  readonly name?: string | null
  readonly fingerprint?: string | null
  readonly status?: ApiKeyStatus | null
}

/** `me`: who the credential belongs to, their roles and their API keys. */
export function me(account: Account, keys: ApiKeys) {
  const { quilt, email } = account.person
  const shown = () => keys.of(account).map((key) => showKey(keys, key))
  return {
    __typename: 'Me',
    name: quilt.name,
    email,
    isAdmin: false,
    role: { name: account.role },
    roles: rolesOf(account).map((name) => ({ name })),
    apiKeys: (wanted: KeyFilter) => shown().filter((key) => fits(key, wanted)),
    apiKey: ({ id }: { id: string }) => shown().find((key) => key.id === id),
  }
}

/** What the person may switch between. */
export function rolesOf({ person }: Account): readonly RoleName[] {
  return [person.quilt.role, ...person.quilt.extraRoles]
}

/** An argument that was left out, or is null, fits every key. */
function fits(key: Required<{ [name in keyof KeyFilter]: string }>, wanted: KeyFilter): boolean {
  const fields = ['name', 'fingerprint', 'status'] as const
  return fields.every((field) => (wanted[field] ?? key[field]) === key[field])
}
