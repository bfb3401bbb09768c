import { OAuthError } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import type { Client, ClientLookup, Clients } from './client.ts'
import { assertedClient, type AssertionChecker } from './client-assertion.ts'
import { readPresentedCredentials, type PresentedCredentials } from './presented-credentials.ts'

/** Finds out which client a request comes from, by its Authorization header and its form. */
export type AuthenticateClient = (authorization: string, form: Parameters) => Promise<Client>

/**
 * Client authentication at the token and revocation endpoints (RFC 6749 section 2.3): by the method that the
 * client registered, and no other.
 *
 * @returns a function that throws OAuthError `invalid_client` (401), which makes clients register anew, and
 *   `unauthorized_client` for one that the operator blocked; Unavailable when its document or keys cannot be fetched
 */
export function clientAuthentication(clients: Clients, checkAssertion: AssertionChecker): AuthenticateClient {
  return async function authenticateClient(authorization, form) {
    const presented = readPresentedCredentials(authorization, form)
    const clientId = presented.clientId ?? assertedClient(presented.assertion) ?? required(form, 'client_id')
    const client = found(await clients.find(clientId))
    await prove(client, presented)
    return client
  }

  async function prove({ id, authentication }: Client, presented: PresentedCredentials): Promise<void> {
    switch (authentication.method) {
      case 'none':
        requireNothing(presented)
        return
      case 'secret':
        requireSecret(authentication, presented)
        return
      case 'private_key_jwt':
        if (presented.secrets.length > 0 || presented.assertion === undefined) {
          throw refused('this client authenticates by private_key_jwt')
        }
        await checkAssertion(presented.assertion, { clientId: id, keys: authentication.keys })
    }
  }
}

function found(lookup: ClientLookup): Client {
  if (lookup.ok) return lookup.client
  switch (lookup.reason) {
    case 'unknown':
      throw refused('this client_id is not registered here; register again')
    case 'blocked':
      // Not invalid_client: registering again would change nothing.
      throw new OAuthError('unauthorized_client', 'the operator of this server has blocked this application')
    case 'host_not_allowed':
      throw refused('the client_id is a document at a host that the operator of this server does not allow')
    case 'document_refused':
      throw refused(`the client_id is a document that cannot be used: ${lookup.detail ?? ''}`)
  }
}

/** A secret that was never given shows that client and server mean different registrations. */
function requireNothing({ secrets, assertion }: PresentedCredentials): void {
  if (secrets.length > 0 || assertion !== undefined) {
    throw refused('this client is public: it has no secret and no key')
  }
}

/** Every copy must be right, and one must be shown as registered. */
function requireSecret(
  { shownBy, isSecret }: Extract<Client['authentication'], { method: 'secret' }>,
  { secrets, assertion }: PresentedCredentials,
): void {
  const isShown = assertion === undefined && secrets.some(({ by }) => shownBy.includes(by))
  if (!isShown) throw refused(`this client authenticates by ${shownBy.join(' or ')}`)
  const areRight = secrets.map(({ readings }) => readings.map(isSecret).includes(true))
  if (areRight.includes(false)) throw refused('the secret is not the one of this client')
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_client', description)
}
