import assert from 'node:assert/strict'
import { assertRefused, TestClient } from './client.ts'
import type { Connect } from './connect.ts'
import type { Publisher } from './publisher.ts'

/** Of a document that a test publishes, with the port of the moment. */
export const DOCUMENT_REDIRECT_URI = 'http://localhost:51234/callback'

/** The client whose document is at a URL. */
export function documentClient(connect: Connect, id: string): TestClient {
  return new TestClient(connect.origin, { id, redirectUri: DOCUMENT_REDIRECT_URI })
}

/** A document that is right for its path. */
export function documentAt(publisher: Publisher, path: string): object {
  return {
    client_id: publisher.urlOf(path),
    client_name: 'Published Client',
    redirect_uris: ['http://localhost/callback'],
  }
}

/**
 * What the person and the client see of a document that cannot be used: nothing is sent anywhere, and a token request
 * without a grant of that client is refused before anything is fetched.
 *
 * @param found - 400 where the document is at fault, `url_refused` where its URL is, 503 where it cannot be fetched now
 */
export async function assertTurnedAway(
  connect: Connect,
  id: string,
  found: 400 | 503 | 'url_refused',
): Promise<void> {
  const client = documentClient(connect, id)
  const page = await connect.browser().open(client.authorizationUrl())
  assert.equal(page.status, found === 'url_refused' ? 400 : found, page.text)
  assert.equal(page.headers.get('location'), null)
  const answer = await client.refresh('x')
  if (found === 'url_refused') assertRefused(answer, 'invalid_client', 401)
  else assertRefused(answer, 'invalid_grant')
}
