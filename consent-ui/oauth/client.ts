import { z } from 'zod'
import { redirectUriFault } from './redirect-uri.ts'
import type { AllowedHosts } from './allowed-hosts.ts'
import { OAuthError } from './errors.ts'

/** An application that asks to act for a person, as it registered itself. Nothing it says of itself is verified. */
export interface Client {
  /** What it calls itself; cleaned for display, empty when it gave no name. */
  readonly name: string
  readonly redirectUris: readonly string[]
}

const MOST_REDIRECT_URIS = 10
const LONGEST_NAME = 60
const LONGEST_URI_SHOWN = 200

/**
 * Members that we act on; all others are the client's own business (RFC 7591 section 2). Some libraries write null
 * for what they leave out.
 */
const metadataSchema = z.object({
  redirect_uris: z.array(z.string()).min(1).max(MOST_REDIRECT_URIS),
  client_name: z.string().nullish(),
  token_endpoint_auth_method: z.string().nullish(),
  grant_types: z.array(z.string()).nullish(),
  response_types: z.array(z.string()).nullish(),
})

/**
 * Reads the body of a registration request. Redirect URIs that cannot be used here are left out, since clients
 * send several for different surfaces; the reply says what was registered (RFC 7591 section 3.2.1).
 *
 * @throws OAuthError `invalid_redirect_uri` or `invalid_client_metadata`, naming the member
 */
export function readClientMetadata(body: unknown, allowed: AllowedHosts): Client {
  const result = metadataSchema.safeParse(body)
  if (!result.success) throw metadataError(result.error.issues[0])
  const { client_name: name, redirect_uris: uris, response_types: responseTypes } = result.data
  if (responseTypes?.includes('code') === false) {
    throw new OAuthError('invalid_client_metadata', 'response_types must include code')
  }
  return { name: displayName(name ?? ''), redirectUris: usable([...new Set(uris)], allowed) }
}

function usable(uris: readonly string[], allowed: AllowedHosts): string[] {
  const checked = uris.map((uri) => ({ uri, fault: redirectUriFault(uri, allowed) }))
  const good = checked.filter(({ fault }) => fault === undefined)
  if (good.length > 0) return good.map(({ uri }) => uri)
  const complaints = checked.map(({ uri, fault = '' }) => `${uri.slice(0, LONGEST_URI_SHOWN)} ${fault}`)
  throw new OAuthError('invalid_redirect_uri', complaints.join('; '))
}

/** Without control and direction characters, which could make a name read as another, and cut. */
function displayName(name: string): string {
  const clean = name
    .normalize('NFKC')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  // By characters: half of one would not be text any more.
  return Array.from(clean).slice(0, LONGEST_NAME).join('')
}

function metadataError(issue: z.core.$ZodIssue | undefined): OAuthError {
  const member = String(issue?.path[0] ?? '')
  if (member === 'redirect_uris') {
    return new OAuthError(
      'invalid_redirect_uri',
      `redirect_uris must be a list of 1 to ${MOST_REDIRECT_URIS} URIs`,
    )
  }
  const description = member === '' ? 'the body must be a JSON object' : `${member} ${issue?.message ?? ''}`
  return new OAuthError('invalid_client_metadata', description)
}
