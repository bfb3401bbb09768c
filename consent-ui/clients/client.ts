import type { JSONWebKeySet } from 'jose'
import { sha256 } from '../../core/keys/hash.ts'

export interface Client {
  readonly id: string
  /** Cleaned for display; empty if not given. */
  readonly name: string
  readonly redirectUris: readonly string[]
  readonly authentication: ClientAuthentication
  readonly knownBy: KnownBy
}

/** What vouches for a client: the operator, its published document, or only itself. */
export type KnownBy = 'configuration' | 'document' | 'registration'

export type SecretMethod = 'client_secret_basic' | 'client_secret_post'

export type ClientKeys = { readonly jwks: JSONWebKeySet } | { readonly jwksUri: string }

export type ClientAuthentication =
  | { readonly method: 'none' }
  | {
      readonly method: 'secret'
      readonly shownBy: readonly SecretMethod[]
      /** Compares in constant time. */
      readonly isSecret: (presented: string) => boolean
    }
  | { readonly method: 'private_key_jwt'; readonly keys: ClientKeys }

type NoClient =
  | 'unknown'
  | 'blocked'
  | 'host_not_allowed'
  | 'url_refused'
  /** Its document breaks a rule, and there is no earlier valid copy. */
  | 'document_refused'

export type ClientLookup =
  | { readonly ok: true; readonly client: Client }
  | {
      readonly ok: false
      readonly reason: NoClient
      readonly detail?: string
      /** Sealing key that an unknown client's id names and the ring lacks. The id may be made up. */
      readonly missingKey?: string
    }

/** As named in RFC 7591. Claude.ai uses its document only if `none` is listed. */
export const AUTHENTICATION_METHODS = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
] as const

/** Throws to refuse a request before the client's own server is asked. */
export type BeforeFetch = () => Promise<void>

export interface Clients {
  /** @param beforeFetch - runs if the client's document is needed, cached or not. @throws Unavailable without it */
  find(clientId: string, beforeFetch?: BeforeFetch): Promise<ClientLookup>
}

export const MAX_NAME_CHARACTERS = 60

/** A name for display: no control or direction characters, which could disguise it, and cut to a length. */
export function displayName(name: string): string {
  const clean = name
    .normalize('NFKC')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  // Cut between characters: half a surrogate pair is not text.
  return Array.from(clean).slice(0, MAX_NAME_CHARACTERS).join('')
}

/** Changes when anything about the client changes, so that an earlier consent no longer applies. */
export function clientHash({ id, name, redirectUris, authentication, knownBy }: Client): string {
  return sha256(JSON.stringify([id, name, redirectUris, authentication, knownBy]))
}
