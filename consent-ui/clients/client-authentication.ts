import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import { OAuthError, Unavailable } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import type { BeforeFetch, Client, ClientLookup, Clients } from './client.ts'
import { assertedClient, type AssertionChecker } from './client-assertion.ts'
import { readPresentedCredentials, type PresentedCredentials } from './presented-credentials.ts'

/** Finds out which client a request comes from, by its Authorization header and its form. */
export type AuthenticateClient = (
  authorization: string,
  form: Parameters,
  /** Called with the client's id before anything is fetched from the client's server; throws to refuse the request. */
  beforeFetch: (clientId: string) => Promise<void>,
) => Promise<Client>

/**
 * Client authentication at the token and revocation endpoints (RFC 6749 section 2.3): by the method that the
 * client registered, and no other.
 *
 * @returns a function that throws OAuthError `invalid_client` (401), which makes clients register anew, and
 *   `unauthorized_client` for one that the operator blocked; Unavailable when its document or keys cannot be fetched;
 *   MissingKeyError
 */
export function clientAuthentication(clients: Clients, checkAssertion: AssertionChecker): AuthenticateClient {
  return async function authenticateClient(authorization, form, beforeFetch) {
    const presented = readPresentedCredentials(authorization, form)
    const clientId = presented.clientId ?? assertedClient(presented.assertion) ?? required(form, 'client_id')
    const isWorthFetching = () => beforeFetch(clientId)
    const lookup = await clients.find(clientId, isWorthFetching)
    if (!lookup.ok && lookup.missingKey !== undefined) await requireKey(lookup.missingKey, isWorthFetching)
    const client = found(lookup)
    await prove(client, presented, isWorthFetching)
    return client
  }

  /**
   * What was given to a client shows that its id is one of ours, though its key is missing. Others register anew.
   *
   * @throws MissingKeyError
   */
  async function requireKey(keyId: string, requireGrant: BeforeFetch): Promise<void> {
    const isOurs = await requireGrant().then(
      () => true,
      (error: unknown) => {
        if (error instanceof OAuthError) return false
        throw error
      },
    )
    if (isOurs) throw new MissingKeyError(keyId)
  }

  async function prove(
    { id, authentication }: Client,
    presented: PresentedCredentials,
    beforeFetch: BeforeFetch,
  ): Promise<void> {
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
        if ('jwksUri' in authentication.keys) await beforeFetch()
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
    case 'url_refused':
      throw refused(`the client_id cannot be a document: ${lookup.detail ?? ''}`)
    case 'document_refused':
      // Not invalid_client, which makes clients throw their tokens away: the document may be right again soon.
      throw new Unavailable('the server that publishes this application', { hasAnswered: true })
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
