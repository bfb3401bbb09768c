import { equalSecrets, sha256 } from '../../../core/keys/hash.ts'
import { oauthRefusal } from './refusal.ts'

/** The application's credentials; the same at the identity provider. */
export interface Client {
  readonly id: string
  readonly secret: string
}

/**
 * Checks client_secret_basic (RFC 6749 section 2.3.1), where id and secret are form-encoded.
 *
 * @throws Refusal `invalid_client`
 */
export function authenticateClient(authorization: string | undefined, client: Client): void {
  const [, encoded] = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? '') ?? []
  const given = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString()
  const [id = '', secret = ''] = given?.split(':').map(formDecoded) ?? []
  // Compares both in constant time; hashes have equal lengths.
  const matches = [
    equalSecrets(sha256(id), sha256(client.id)),
    equalSecrets(sha256(secret), sha256(client.secret)),
  ]
  if (!matches.every(Boolean)) throw oauthRefusal('invalid_client', 'the client did not authenticate')
}

/** The Authorization header that `authenticateClient` accepts. */
export function clientAuthorization({ id, secret }: Client): string {
  const encoded = [id, secret].map((part) => new URLSearchParams({ part }).toString().slice('part='.length))
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`
}

function formDecoded(part: string): string {
  return new URLSearchParams(`part=${part.replaceAll('&', '%26')}`).get('part') ?? ''
}
