import { z } from 'zod'
import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import { OAuthError } from '../oauth/errors.ts'
import { redirectUriFault } from '../oauth/redirect-uri.ts'
import { ASSERTION_ALGORITHMS } from './client-assertion.ts'
import { AUTHENTICATION_METHODS, displayName, type ClientKeys, type SecretMethod } from './client.ts'
import { jwksUriFault } from './document-hosts.ts'
import { inlineKeySetSchema } from './public-keys.ts'

/** What an application registered of itself (RFC 7591). Nothing that it says is verified. */
export interface Registration {
  /** Cleaned for display, empty when it gave no name. */
  readonly name: string
  readonly redirectUris: readonly string[]
  readonly authentication: RegisteredAuthentication
}

export type RegisteredAuthentication =
  | { readonly method: 'none' | SecretMethod }
  | { readonly method: 'private_key_jwt'; readonly keys: ClientKeys }

export const MAX_REDIRECT_URIS = 10
const LONGEST_URI_SHOWN = 200

/**
 * Members that decide something here. All others are left out, whatever they hold: never stored, shown or fetched, as
 * the reply tells (RFC 7591 sections 2 and 3.2.1). So a logo at an odd address stops no client, and the person sees
 * none. Some libraries write null for what they leave out.
 */
const metadataSchema = z.object({
  redirect_uris: z.array(z.string()).min(1).max(MAX_REDIRECT_URIS),
  client_name: z.string().nullish(),
  token_endpoint_auth_method: z.enum(AUTHENTICATION_METHODS, oneOf(AUTHENTICATION_METHODS)).nullish(),
  token_endpoint_auth_signing_alg: z.enum(ASSERTION_ALGORITHMS, oneOf(ASSERTION_ALGORITHMS)).nullish(),
  grant_types: z.array(z.string()).nullish(),
  response_types: z.array(z.string()).nullish(),
  jwks: inlineKeySetSchema.nullish(),
  jwks_uri: z.string().nullish(),
})

type Metadata = z.output<typeof metadataSchema>

/**
 * Reads the body of a registration request. Redirect URIs that cannot be used here are left out, since clients
 * send several for different surfaces; the reply says what was registered (RFC 7591 section 3.2.1).
 *
 * @throws OAuthError `invalid_redirect_uri` or `invalid_client_metadata`, naming the member
 */
export function readRegistration(body: unknown, allowed: AllowedHosts): Registration {
  const result = metadataSchema.safeParse(body)
  if (!result.success) throw metadataError(result.error.issues[0])
  const metadata = result.data
  requireOurs('response_types', metadata.response_types, 'code')
  requireOurs('grant_types', metadata.grant_types, 'authorization_code')
  return {
    name: displayName(metadata.client_name ?? ''),
    redirectUris: usable([...new Set(metadata.redirect_uris)], allowed),
    authentication: authenticationOf(metadata, allowed),
  }
}

/**
 * A client that does not say how it authenticates gets no secret. RFC 7591 has `client_secret_basic` for a
 * default, but who leaves it out (the Python SDK, QuiltSync) is a public client, and the reply says so.
 */
function authenticationOf(metadata: Metadata, allowed: AllowedHosts): RegisteredAuthentication {
  const method = metadata.token_endpoint_auth_method ?? 'none'
  const keys = keysOf(metadata, allowed)
  if (method !== 'private_key_jwt') return { method }
  if (keys === undefined) throw metadataFault('private_key_jwt needs jwks or jwks_uri')
  return { method, keys }
}

function keysOf({ jwks, jwks_uri: jwksUri }: Metadata, allowed: AllowedHosts): ClientKeys | undefined {
  const [inline, address] = [jwks ?? undefined, jwksUri ?? undefined]
  if (inline !== undefined && address !== undefined) {
    throw metadataFault('jwks and jwks_uri must not both be there')
  }
  if (address === undefined) return inline === undefined ? undefined : { jwks: inline }
  const fault = jwksUriFault(address, allowed)
  if (fault !== undefined) throw metadataFault(`jwks_uri ${fault}`)
  return { jwksUri: address }
}

/** Whoever names types at all must name ours, and may name others. */
function requireOurs(member: string, types: readonly string[] | null | undefined, ours: string): void {
  if ((types ?? []).length > 0 && types?.includes(ours) === false) {
    throw metadataFault(`${member} must include ${ours}`)
  }
}

function usable(uris: readonly string[], allowed: AllowedHosts): string[] {
  const checked = uris.map((uri) => ({ uri, fault: redirectUriFault(uri, allowed) }))
  const good = checked.filter(({ fault }) => fault === undefined)
  if (good.length > 0) return good.map(({ uri }) => uri)
  const complaints = checked.map(({ uri, fault = '' }) => `${uri.slice(0, LONGEST_URI_SHOWN)} ${fault}`)
  throw new OAuthError('invalid_redirect_uri', complaints.join('; '))
}

function metadataError(issue: z.core.$ZodIssue | undefined): OAuthError {
  const member = String(issue?.path[0] ?? '')
  if (member === 'redirect_uris') {
    return new OAuthError(
      'invalid_redirect_uri',
      `redirect_uris must be a list of 1 to ${MAX_REDIRECT_URIS} URIs`,
    )
  }
  if (member === 'jwks')
    return metadataFault('jwks must hold a public key for RS256 or ES256, and no private key')
  return metadataFault(member === '' ? 'the body must be a JSON object' : `${member} ${issue?.message ?? ''}`)
}

function oneOf(names: readonly string[]): { readonly message: string } {
  return { message: `must be one of ${names.join(' ')}` }
}

function metadataFault(description: string): OAuthError {
  return new OAuthError('invalid_client_metadata', description)
}
