import type { Account, Accounts } from './accounts.ts'
import { isApiKey, type ApiKeys } from './api-keys.ts'
import type { QuiltTokens } from './quilt-tokens.ts'
import { notAuthenticated } from './refusal.ts'

/** Returns the account of an Authorization header; throws Refusal 401 if it is missing or not valid. */
export type Authenticate = (authorization: string | undefined) => Promise<Account>

/** Accepts tokens and API keys, of active accounts only. */
export function createAuthenticate(accounts: Accounts, tokens: QuiltTokens, keys: ApiKeys): Authenticate {
  return async (authorization) => {
    const credential = bearerOf(authorization)
    const account = isApiKey(credential) ? keys.use(credential) : await tokens.ownerOf(credential)
    return accounts.requireActive(account)
  }
}

/**
 * The credential of an Authorization header, with or without the scheme: the catalog's GraphQL client sends none.
 *
 * @throws Refusal 401
 */
export function bearerOf(authorization: string | undefined): string {
  const credential = authorization?.replace(/^Bearer( +|$)/i, '').trim() ?? ''
  if (credential === '') throw notAuthenticated('Not logged in')
  return credential
}
