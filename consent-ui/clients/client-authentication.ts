import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import { OAuthError, Unavailable } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import type { BeforeFetch, Client, ClientLookup, Clients } from './client.ts'
import { assertedClient, type AssertionChecker } from './client-assertion.ts'
import { readPresentedCredentials, type PresentedCredentials } from './presented-credentials.ts'

export type AuthenticateClient = (
  authorization: string,
  form: Parameters,
  /** Runs before anything is fetched from the client's server; throws to refuse the request. */
  beforeFetch: (clientId: string) => Promise<void>,
) => Promise<Client>

/**
 * Authenticates the client of a token or revocation request (RFC 6749 section 2.3), by its registered method only.
 *
 * @returns a function that throws OAuthError `invalid_client` (401), which makes clients register again, or
 *   `unauthorized_client` for a blocked client; Unavailable if its document or keys cannot be fetched; MissingKeyError
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

  /** Answers 503 if a grant proves that we issued the id under a missing key. @throws MissingKeyError */
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
      throw refused('client_id is not registered here; register again')
    case 'blocked':
      // Not invalid_client: registering again would not help.
      throw new OAuthError('unauthorized_client', 'the operator of this server blocked this client')
    case 'host_not_allowed':
      throw refused('client_id is a document at a host that the operator of this server does not allow')
    case 'url_refused':
      throw refused(`client_id is not the URL of a client document: ${lookup.detail ?? ''}`)
    case 'document_refused':
      // Not invalid_client, which makes clients discard their tokens: the document may be valid again soon.
      throw new Unavailable('the server that publishes this application', { hasAnswered: true })
  }
}

/** Refuses credentials of a public client: client and server mean different registrations. */
function requireNothing({ secrets, assertion }: PresentedCredentials): void {
  if (secrets.length > 0 || assertion !== undefined) {
    throw refused('this client is public; send no secret and no assertion')
  }
}

/** Every copy of the secret must be right, and one must come by the registered method. */
function requireSecret(
  { shownBy, isSecret }: Extract<Client['authentication'], { method: 'secret' }>,
  { secrets, assertion }: PresentedCredentials,
): void {
  const isShown = assertion === undefined && secrets.some(({ by }) => shownBy.includes(by))
  if (!isShown) throw refused(`this client authenticates by ${shownBy.join(' or ')}`)
  const areRight = secrets.map(({ readings }) => readings.map(isSecret).includes(true))
  if (areRight.includes(false)) throw refused('the client secret is wrong')
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_client', description)
}
