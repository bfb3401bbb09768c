import type { JSONWebKeySet } from 'jose'
import { sha256 } from '../../core/keys/hash.ts'

/** An application that asks to act for a person. */
export interface Client {
  readonly id: string
  /** What it calls itself; cleaned for display, empty when it gave no name. */
  readonly name: string
  readonly redirectUris: readonly string[]
  readonly authentication: ClientAuthentication
  readonly knownBy: KnownBy
}

/** How we know a client: its operator named it, a site publishes it, or it said so itself and nobody looked. */
export type KnownBy = 'configuration' | 'document' | 'registration'

/** How a client shows a secret (RFC 6749 section 2.3.1). */
export type SecretMethod = 'client_secret_basic' | 'client_secret_post'

/** Public keys of a client: these, or those at a URL of its own. */
export type ClientKeys = { readonly jwks: JSONWebKeySet } | { readonly jwksUri: string }

/** How a client proves at the token endpoint that it is the one. */
export type ClientAuthentication =
  | { readonly method: 'none' }
  | {
      readonly method: 'secret'
      /** The ways in which it may be shown. */
      readonly shownBy: readonly SecretMethod[]
      /** Compares in constant time. */
      readonly isSecret: (presented: string) => boolean
    }
  | { readonly method: 'private_key_jwt'; readonly keys: ClientKeys }

/** Why there is no client behind an id. */
type NoClient =
  /** None of ours: neither configured nor registered here nor the URL of a document. */
  | 'unknown'
  /** The operator blocked it. */
  | 'blocked'
  /** Its document is at a host that the operator does not allow. */
  | 'host_not_allowed'
  /** Its URL cannot be one of a document. */
  | 'url_refused'
  /** Its document breaks a rule, and no good copy stands in. */
  | 'document_refused'

/** A client, or why there is none. */
export type ClientLookup =
  | { readonly ok: true; readonly client: Client }
  | {
      readonly ok: false
      readonly reason: NoClient
      readonly detail?: string
      /** Id of the sealing key that an unknown client's id names and the key list lacks. The id may be made up. */
      readonly missingKey?: string
    }

/** By their names in RFC 7591; Claude.ai uses its document only where `none` is among them. */
export const AUTHENTICATION_METHODS = [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
] as const

/** Refuses a request, by throwing, that is not worth a question to a client's own server. */
export type BeforeFetch = () => Promise<void>

/** Finds the client behind an id. */
export interface Clients {
  /**
   * @param beforeFetch - called where the client's document is needed, fetched or kept
   * @throws Unavailable when its document cannot be fetched now
   */
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
