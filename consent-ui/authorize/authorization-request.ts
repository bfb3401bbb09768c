import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import type { Service } from '../../core/services/service.ts'
import type { Client, ClientLookup, Clients } from '../clients/client.ts'
import { OAuthError, ShownError, UnknownClient, type OAuthErrorCode } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import { readCodeChallenge } from '../oauth/pkce.ts'
import { redirectUriFault, requestedRedirectUri } from '../oauth/redirect-uri.ts'
import { en } from '../pages/texts/en/en.ts'
import type { ResourceLookup } from '../oauth/resource.ts'
import { grantedScope } from '../oauth/scope.ts'

/** A client with a valid redirect URI. Until both are checked, errors are shown as a page, not redirected. */
export interface ProvenClient {
  readonly clientId: string
  readonly client: Client
  readonly redirectUri: string
  readonly state: string | undefined
}

interface AuthorizationRequest {
  readonly codeChallenge: string
  readonly service: Service
  readonly scope: string
}

/** Checks client and redirect URI (RFC 6749 section 4.1.2.1). @throws ShownError; Unavailable without its document */
export async function provenClient(
  parameters: Parameters,
  clients: Clients,
  allowed: AllowedHosts,
): Promise<ProvenClient> {
  const clientId = parameters.get('client_id')
  if (clientId === undefined) throw new ShownError(en.errors.noClient)
  const client = found(clientId, await clients.find(clientId))
  const redirectUri = requestedRedirectUri(parameters.get('redirect_uri'), client.redirectUris)
  if (redirectUri === undefined) {
    throw new ShownError(en.errors.unregisteredCallback)
  }
  // The operator may have narrowed the list since the registration.
  const fault = redirectUriFault(redirectUri, allowed)
  if (fault !== undefined) {
    throw new ShownError(en.errors.callback(fault))
  }
  return { clientId, client, redirectUri, state: readState(parameters) }
}

function found(clientId: string, lookup: ClientLookup): Client {
  if (lookup.ok) return lookup.client
  switch (lookup.reason) {
    case 'unknown':
      throw new UnknownClient(en.errors.unknownClient)
    case 'blocked':
      throw new ShownError(en.errors.blocked, 403)
    case 'host_not_allowed':
      throw notAllowed(clientId)
    case 'url_refused':
    case 'document_refused':
      throw new ShownError(en.errors.document(lookup.detail ?? ''))
  }
}

/** A longer address is shown as its host; no known application has one. */
const MAX_SHOWN_URL = 200

function notAllowed(clientId: string): ShownError {
  const named = clientId.length > MAX_SHOWN_URL ? new URL(clientId).host : clientId
  return new ShownError(en.errors.host, {
    steps: en.errors.hostSteps(named),
  })
}

/** Redis stores the state with the transaction. */
export const MAX_STATE_BYTES = 2048

/** @throws ShownError if it is too long; an error sent to the client would have to return it */
export function readState(parameters: Parameters): string | undefined {
  const state = parameters.get('state')
  if (state === undefined || Buffer.byteLength(state) <= MAX_STATE_BYTES) return state
  throw new ShownError(en.errors.longState(MAX_STATE_BYTES))
}

/** Reads the rest of a request, whose errors can be sent to the client. @throws OAuthError */
export function readAuthorizationRequest(
  parameters: Parameters,
  serviceOf: ResourceLookup,
): AuthorizationRequest {
  refuseRequestObjects(parameters)
  if (required(parameters, 'response_type') !== 'code') {
    throw new OAuthError('unsupported_response_type', 'response_type must be code')
  }
  const mode = parameters.get('response_mode') ?? 'query'
  if (mode !== 'query') throw new OAuthError('invalid_request', 'response_mode must be query')
  const codeChallenge = readCodeChallenge(parameters)
  const service = serviceOf(parameters.get('resource'))
  return { codeChallenge, service, scope: grantedScope(parameters.get('scope'), service) }
}

/** Request objects would override other parameters; each has its own error (OpenID Connect Core section 3.1.2.6). */
const REQUEST_OBJECTS: readonly (readonly [string, OAuthErrorCode])[] = [
  ['request', 'request_not_supported'],
  ['request_uri', 'request_uri_not_supported'],
  ['registration', 'registration_not_supported'],
]

function refuseRequestObjects(parameters: Parameters): void {
  for (const [name, code] of REQUEST_OBJECTS) {
    if (parameters.has(name)) throw new OAuthError(code, `${name} is not supported`)
  }
}
