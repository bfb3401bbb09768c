import type { Context } from 'koa'
import type { EgressRange } from '../../core/network/egress-ranges.ts'
import type { AuthenticateClient } from '../clients/client-authentication.ts'
import type { Client } from '../clients/client.ts'
import { usesBasic } from '../clients/presented-credentials.ts'
import { clientAddress, networkOf } from '../limits/client-network.ts'
import { OAuthError } from '../oauth/errors.ts'
import { readParameters, type Parameters } from '../oauth/parameters.ts'

export interface ClientRequestDependencies {
  readonly issuer: string
  readonly authenticate: AuthenticateClient
}

/** Refuses a request before anything is fetched from the client's server, by throwing. */
export type RequireHolder = (parameters: Parameters, clientId: string) => Promise<void>

/**
 * Reads a form and authenticates its client. Fetches for a client are not rate-limited, so the form must first
 * bring a code or token that was issued to that client.
 *
 * @throws OAuthError `invalid_request`, `unauthorized_client`, or `invalid_client` (401, with a challenge for HTTP
 *   Basic: RFC 6749 section 5.2)
 */
export async function readClientRequest(
  ctx: Context,
  { issuer, authenticate }: ClientRequestDependencies,
  requireHolder: RequireHolder,
): Promise<{ readonly parameters: Parameters; readonly client: Client }> {
  if (typeof ctx.request.body !== 'string') {
    throw new OAuthError('invalid_request', 'the body must be application/x-www-form-urlencoded')
  }
  const parameters = readParameters(ctx.request.body)
  const authorization = ctx.get('Authorization')
  try {
    const client = await authenticate(authorization, parameters, (clientId) =>
      requireHolder(parameters, clientId),
    )
    return { parameters, client }
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'invalid_client' && usesBasic(authorization)) {
      ctx.set('WWW-Authenticate', `Basic realm="${issuer}", charset="UTF-8"`)
    }
    throw error
  }
}

/** The authenticated client of a token request, and its network. */
export interface RequestingClient {
  readonly clientId: string
  /** Undefined if the request did not come through Envoy. */
  readonly network: string | undefined
  /** The client proved a secret or key: it is confidential (RFC 6749 section 2.1). */
  readonly hasProvenKey: boolean
}

export function requestingClient(
  ctx: Context,
  { id, authentication }: Client,
  ranges: readonly EgressRange[],
): RequestingClient {
  const address = clientAddress(ctx)
  return {
    clientId: id,
    network: address === undefined ? undefined : networkOf(address, ranges),
    hasProvenKey: authentication.method !== 'none',
  }
}
