import { z } from 'zod'
import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import { OAuthError } from '../oauth/errors.ts'
import { redirectUriFault } from '../oauth/redirect-uri.ts'
import { ASSERTION_ALGORITHMS } from './client-assertion.ts'
import { AUTHENTICATION_METHODS, displayName, type ClientKeys, type SecretMethod } from './client.ts'
import { byPrivateKey, keysOf, requireOurTypes, sharedMembers } from './client-metadata.ts'
import { jwksUriFault } from './document-hosts.ts'

/** What a client registered (RFC 7591). None of it is verified. */
export interface Registration {
  readonly name: string
  readonly redirectUris: readonly string[]
  readonly authentication: RegisteredAuthentication
}

export type RegisteredAuthentication =
  | { readonly method: 'none' | SecretMethod }
  | { readonly method: 'private_key_jwt'; readonly keys: ClientKeys }

export const MAX_REDIRECT_URIS = 10
const MAX_URI_CHARACTERS_SHOWN = 200

/** The members that we use. All others are ignored, never stored, shown or fetched (RFC 7591 section 2). */
const metadataSchema = z.object({
  redirect_uris: z.array(z.string()).min(1).max(MAX_REDIRECT_URIS),
  client_name: z.string().nullish(),
  token_endpoint_auth_method: z.enum(AUTHENTICATION_METHODS, oneOf(AUTHENTICATION_METHODS)).nullish(),
  token_endpoint_auth_signing_alg: z.enum(ASSERTION_ALGORITHMS, oneOf(ASSERTION_ALGORITHMS)).nullish(),
  ...sharedMembers,
})

type Metadata = z.output<typeof metadataSchema>

/** Leaves out redirect URIs that are not allowed: clients send several (RFC 7591 section 3.2.1). @throws OAuthError */
export function readRegistration(body: unknown, allowed: AllowedHosts): Registration {
  const result = metadataSchema.safeParse(body)
  if (!result.success) throw metadataError(result.error.issues[0])
  const metadata = result.data
  requireOurTypes(metadata, metadataFault)
  return {
    name: displayName(metadata.client_name ?? ''),
    redirectUris: usable([...new Set(metadata.redirect_uris)], allowed),
    authentication: authenticationOf(metadata, allowed),
  }
}

/** No method means no secret, against RFC 7591's default: clients that omit it (Python SDK, QuiltSync) are public. */
function authenticationOf(metadata: Metadata, allowed: AllowedHosts): RegisteredAuthentication {
  const method = metadata.token_endpoint_auth_method ?? 'none'
  const keys = keysOf(metadata, (url) => jwksUriFault(url, allowed), metadataFault)
  return method === 'private_key_jwt' ? byPrivateKey(keys, metadataFault) : { method }
}

function usable(uris: readonly string[], allowed: AllowedHosts): string[] {
  const checked = uris.map((uri) => ({ uri, fault: redirectUriFault(uri, allowed) }))
  const good = checked.filter(({ fault }) => fault === undefined)
  if (good.length > 0) return good.map(({ uri }) => uri)
  const complaints = checked.map(
    ({ uri, fault = '' }) => `${uri.slice(0, MAX_URI_CHARACTERS_SHOWN)} ${fault}`,
  )
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
