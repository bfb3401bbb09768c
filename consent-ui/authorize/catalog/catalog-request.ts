import type { AllowedHosts } from '../../../core/clients/allowed-hosts.ts'
import type { Client, Clients } from '../../clients/client.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { required, type Parameters } from '../../oauth/parameters.ts'
import { redirectUriFault, requestedRedirectUri } from '../../oauth/redirect-uri.ts'
import { readState, type ProvenClient } from '../authorization-request.ts'

export interface CatalogRequestDependencies {
  readonly clients: Clients
  readonly allowedHosts: AllowedHosts
}

/** Checks client and redirect URI of a request that the catalog's page sent. @throws OAuthError, Unavailable */
export async function catalogClient(
  { clients, allowedHosts }: CatalogRequestDependencies,
  parameters: Parameters,
): Promise<ProvenClient> {
  const clientId = required(parameters, 'client_id')
  const client = await found(clients, clientId)
  const redirectUri = requestedRedirectUri(parameters.get('redirect_uri'), client.redirectUris)
  if (redirectUri === undefined) {
    throw new OAuthError('invalid_redirect_uri', 'redirect_uri is not one that the application registered')
  }
  const fault = redirectUriFault(redirectUri, allowedHosts)
  if (fault !== undefined) throw new OAuthError('invalid_redirect_uri', `redirect_uri ${fault}`)
  return { clientId, client, redirectUri, state: readState(parameters) }
}

async function found(clients: Clients, clientId: string): Promise<Client> {
  const lookup = await clients.find(clientId)
  if (lookup.ok) return lookup.client
  const about =
    lookup.reason === 'blocked' ? 'is blocked by the operator' : 'is not known or not allowed here'
  // Not 401, which means that the user has no session at the catalog.
  throw new OAuthError('invalid_client', `the application ${about}`, 400)
}
