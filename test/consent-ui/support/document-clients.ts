import assert from 'node:assert/strict'
import { assertRefused, TestClient } from './client.ts'
import type { Connect } from './connect.ts'
import type { Publisher } from './publisher.ts'

/** The redirect URI of published documents; the port differs each time. */
export const DOCUMENT_REDIRECT_URI = 'http://localhost:51234/callback'

export function documentClient(connect: Connect, id: string): TestClient {
  return new TestClient(connect.origin, { id, redirectUri: DOCUMENT_REDIRECT_URI })
}

export function documentAt(publisher: Publisher, path: string): object {
  return {
    client_id: publisher.urlOf(path),
    client_name: 'Published Client',
    redirect_uris: ['http://localhost/callback'],
  }
}

/**
 * Asserts that the user and the client get an error, and that a token request without a grant fetches nothing.
 *
 * @param found - 400 for an invalid document, `url_refused` for its URL, 503 if it cannot be fetched
 */
export async function assertDocumentRefused(
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
