import type { Service } from '../../core/services/service.ts'
import type { Client, ClientLookup, Clients } from '../clients/client.ts'
import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import { OAuthError, ShownError, UnknownClient } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import { readCodeChallenge } from '../oauth/pkce.ts'
import { redirectUriFault, requestedRedirectUri } from '../oauth/redirect-uri.ts'
import type { ResourceLookup } from '../oauth/resource.ts'
import { grantedScope } from '../oauth/scope.ts'
import { refuseRequestObjects } from '../oauth/request-object.ts'

/** Who asks, and how the answer may be sent. Until this is proven, errors are shown and not sent. */
export interface ProvenClient {
  readonly clientId: string
  readonly client: Client
  readonly redirectUri: string
  /** What the client wants back with the answer; undefined where it sent none. */
  readonly state: string | undefined
}

/** What is asked. */
export interface AuthorizationRequest {
  readonly codeChallenge: string
  readonly service: Service
  readonly scope: string
}

/**
 * The client and its redirect URI (RFC 6749 section 4.1.2.1: without them the browser is sent nowhere).
 *
 * @throws ShownError; Unavailable when the client's document cannot be fetched
 */
export async function provenClient(
  parameters: Parameters,
  clients: Clients,
  allowed: AllowedHosts,
): Promise<ProvenClient> {
  const clientId = parameters.get('client_id')
  if (clientId === undefined) throw new UnknownClient()
  const client = found(clientId, await clients.find(clientId))
  const redirectUri = requestedRedirectUri(parameters.get('redirect_uri'), client.redirectUris)
  if (redirectUri === undefined) {
    throw new ShownError(
      'Invalid callback address',
      'The application asked for an answer at an address (redirect_uri) that it has not registered.',
    )
  }
  // The operator may have narrowed the list since the registration.
  const fault = redirectUriFault(redirectUri, allowed)
  if (fault !== undefined) {
    throw new ShownError(
      'Callback address not allowed',
      `The address that the application asked for an answer at (redirect_uri) ${fault}.`,
    )
  }
  return { clientId, client, redirectUri, state: readState(parameters) }
}

function found(clientId: string, lookup: ClientLookup): Client {
  if (lookup.ok) return lookup.client
  switch (lookup.reason) {
    case 'unknown':
      throw new UnknownClient()
    case 'blocked':
      throw new ShownError(
        'Application blocked',
        'The operator of this server has blocked this application.',
        403,
      )
    case 'host_not_allowed':
      throw notAllowed(clientId)
    case 'url_refused':
    case 'document_refused':
      throw new ShownError(
        'Invalid application',
        `What the application publishes of itself cannot be used: ${lookup.detail ?? ''}.`,
      )
  }
}

/** Longer than any address of a known application; one that is longer is named by its host. */
const MAX_SHOWN_URL = 200

/** Tells the user what the operator needs to know in order to allow the application. */
function notAllowed(clientId: string): ShownError {
  const named = clientId.length > MAX_SHOWN_URL ? new URL(clientId).host : clientId
  return new ShownError(
    'Application not allowed',
    'This application describes itself at an address that the operator of this server does not allow.',
    {
      steps: [
        `If you trust the application, ask the operator to allow \`${named}\`.`,
        'The operator adds this address to the setting `CONNECT_CLIENT_HOSTS`.',
        'Connect again.',
      ],
    },
  )
}

/** It is kept until the person has answered, and what clients put there is far shorter. */
export const MAX_STATE_BYTES = 2048

/** @throws ShownError for one that is too long: an error that is sent to the client would have to bring it back */
function readState(parameters: Parameters): string | undefined {
  const state = parameters.get('state')
  if (state === undefined || Buffer.byteLength(state) <= MAX_STATE_BYTES) return state
  throw new ShownError(
    'Invalid request',
    `The application's state is too long: it must have at most ${MAX_STATE_BYTES} bytes.`,
  )
}

/**
 * The rest of the request, once the client is proven.
 *
 * @throws OAuthError, which is sent to the client
 */
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
