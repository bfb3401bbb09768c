import type { Context } from 'koa'
import type { AuthenticateClient } from '../clients/client-authentication.ts'
import type { Client } from '../clients/client.ts'
import { usesBasic } from '../clients/presented-credentials.ts'
import { OAuthError } from '../oauth/errors.ts'
import { readParameters, type Parameters } from '../oauth/parameters.ts'

export interface ClientRequestParts {
  readonly issuer: string
  readonly authenticate: AuthenticateClient
}

/** Called with the client's id before anything is fetched from the client's server; throws to refuse the request. */
export type RequireHolder = (parameters: Parameters, clientId: string) => Promise<void>

/**
 * Reads a form that a client of ours sent, and makes sure that it is that client. No limit counts what is fetched for
 * it, so first the client has to show a code or token that was given to it.
 *
 * @throws OAuthError `invalid_request`, `invalid_client` (401, with a challenge where it came by HTTP Basic: RFC 6749
 *   section 5.2), `unauthorized_client`
 */
export async function readClientRequest(
  ctx: Context,
  { issuer, authenticate }: ClientRequestParts,
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
