import assert from 'node:assert/strict'
import { json, post, type Answer, type HeaderFields } from './answer.ts'
import { TestClient } from './client.ts'
import type { Connect } from './connect.ts'

const REDIRECT_URI = 'https://claude.ai/api/mcp/auth_callback'

export interface ConfidentialClient {
  readonly id: string
  readonly secret: string
  readonly front: TestClient
}

export async function confidentialClient(connect: Connect, method: string): Promise<ConfidentialClient> {
  const answer = await connect.register({
    client_name: 'Confidential',
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method: method,
  })
  assert.equal(answer.status, 201, answer.text)
  const { client_id: id, client_secret: secret } = json(answer) as {
    client_id: string
    client_secret: string
  }
  return { id, secret, front: new TestClient(connect.origin, { id, redirectUri: REDIRECT_URI }) }
}

export async function redeemWith(
  connect: Connect,
  [front, code]: readonly [TestClient, string],
  shown: { readonly form?: Readonly<Record<string, string>>; readonly headers?: HeaderFields },
): Promise<Answer> {
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: front.redirectUri,
    code_verifier: front.verifier,
    ...shown.form,
  }
  return await post(`${connect.origin}/auth/token`, form, shown.headers)
}

export function basic(id: string, secret: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
}
