import type { Account, Accounts } from './accounts.ts'
import { isApiKey, type ApiKeys } from './api-keys.ts'
import type { QuiltTokens } from './quilt-tokens.ts'
import { notAuthenticated } from './refusal.ts'

/** Whose request this is, by its Authorization header; throws a 401 Refusal when it is nobody's. */
export type WhoAsks = (authorization: string | undefined) => Promise<Account>

/** Takes tokens and API keys alike, and nobody who is deactivated. */
export function whoAsks(parts: { accounts: Accounts; tokens: QuiltTokens; keys: ApiKeys }): WhoAsks {
  const { accounts, tokens, keys } = parts
  return async (authorization) => {
    const credential = bearerOf(authorization)
    const account = isApiKey(credential) ? keys.ownerOf(credential) : await tokens.ownerOf(credential)
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
