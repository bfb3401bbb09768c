import type { Account } from '../accounts.ts'
import type { ApiKeys } from '../api-keys.ts'
import { invalidInput } from './invalid-input.ts'
import { me, rolesOf } from './me.ts'

/** `switchRole`: another active role, for all the person's tokens and keys at once. */
export function switchRole(account: Account, keys: ApiKeys) {
  return ({ roleName }: { roleName: string }) => {
    const role = rolesOf(account).find((name) => name === roleName)
    if (role === undefined) return invalidInput('roleName', 'You do not have this role.')
    account.role = role
    return me(account, keys)
  }
}
