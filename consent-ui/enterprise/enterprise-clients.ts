import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import type { Access } from '../../core/sessions/session.ts'
import type { Client } from '../clients/client.ts'
import { OAuthError } from '../oauth/errors.ts'
import { redirectUriFault } from '../oauth/redirect-uri.ts'

/** What an allowed client gets. */
export interface EnterpriseClient {
  readonly access: Access
  /** Shown to the user; a blocked host ends the session. */
  readonly redirectUri: string
}

/** The operator's list of clients that may use identity assertions (ENTERPRISE_CLIENTS). */
export class EnterpriseClients {
  readonly #clients: ReadonlyMap<string, Access>
  readonly #allowedHosts: AllowedHosts

  constructor(clients: ReadonlyMap<string, Access>, allowedHosts: AllowedHosts) {
    this.#clients = clients
    this.#allowedHosts = allowedHosts
  }

  /** @throws OAuthError `unauthorized_client` */
  requireListed(clientId: string): Access {
    const access = this.#clients.get(clientId)
    if (access !== undefined) return access
    throw unauthorized('the operator of this server has not allowed this client to use identity assertions')
  }

  /** Requires a listed client that has proved a secret or key (draft section 8.1). @throws OAuthError */
  require({ id, authentication, redirectUris }: Client): EnterpriseClient {
    const access = this.requireListed(id)
    if (authentication.method === 'none') {
      throw unauthorized('a public client cannot use identity assertions; it must have a secret or a key')
    }
    // The operator may have narrowed the list since.
    const redirectUri = redirectUris.find((uri) => redirectUriFault(uri, this.#allowedHosts) === undefined)
    if (redirectUri === undefined) {
      throw unauthorized('the operator of this server does not allow the host of this client')
    }
    return { access, redirectUri }
  }
}

function unauthorized(description: string): OAuthError {
  return new OAuthError('unauthorized_client', description)
}
