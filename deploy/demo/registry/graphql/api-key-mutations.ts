import type { Account } from '../accounts.ts'
import type { ApiKeys } from '../api-keys.ts'
import { invalidInput } from './invalid-input.ts'
import { showKey } from './show-key.ts'

const MAX_DAYS = 365

export function apiKeyCreate(account: Account, keys: ApiKeys) {
  return ({ input }: { input: { name: string; expiresInDays: number } }) => {
    const name = input.name.trim()
    if (name === '') return invalidInput('input.name', 'A key needs a name.')
    if (input.expiresInDays < 1 || input.expiresInDays > MAX_DAYS) {
      return invalidInput('input.expiresInDays', `A key lives from 1 to ${MAX_DAYS} days.`)
    }
    const { key, secret } = keys.create(account, name, input.expiresInDays)
    return { __typename: 'APIKeyCreated', apiKey: showKey(keys, key), secret }
  }
}

export function apiKeyRevoke(account: Account, keys: ApiKeys) {
  return (named: { id?: string | null; secret?: string | null }) => {
    const isRevoked = keys.revoke(account, named)
    return isRevoked ? { __typename: 'Ok' } : invalidInput('id', 'You have no such key.')
  }
}
