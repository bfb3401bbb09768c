import assert from 'node:assert/strict'
import type { Answer, HeaderFields } from '../support/answer.ts'
import { assertRefused, type TestClient } from '../support/client.ts'
import type { Connect } from '../support/connect.ts'

export const REDIRECT_URI = 'http://localhost/cb'
const METADATA = JSON.stringify({ redirect_uris: [REDIRECT_URI] })

/** As Envoy says it, and no client can. */
export function from(address: string): HeaderFields {
  return { 'x-envoy-external-address': address }
}

let lastHost = 0

/** Somebody who has not been here before. */
export function somebody(): HeaderFields {
  lastHost += 1
  return from(`198.51.100.${lastHost}`)
}

/** Requests of callers who have an address. */
export class Callers {
  readonly #connect: Connect

  constructor(connect: Connect) {
    this.#connect = connect
  }

  async register(headers: HeaderFields, body = METADATA): Promise<Answer> {
    const json = { 'content-type': 'application/json' }
    return await this.#connect.post('/auth/register', body, { ...json, ...headers })
  }

  async authorize(client: TestClient, headers: HeaderFields): Promise<Answer> {
    const url = new URL(client.authorizationUrl())
    return await this.#connect.get(url.pathname + url.search, headers)
  }

  async redeem(client: TestClient, code: string, headers: HeaderFields): Promise<Answer> {
    const { id: client_id, redirectUri: redirect_uri, verifier: code_verifier } = client
    const form = { grant_type: 'authorization_code', code, client_id, redirect_uri, code_verifier }
    return await this.#connect.post('/auth/token', form, headers)
  }

  async refresh(client: TestClient, refresh_token: string, headers: HeaderFields): Promise<Answer> {
    const form = { grant_type: 'refresh_token', refresh_token, client_id: client.id }
    return await this.#connect.post('/auth/token', form, headers)
  }
}

/** Asks so many times, one after another. */
export async function times(count: number, ask: () => Promise<{ status: number }>): Promise<number[]> {
  const statuses: number[] = []
  for (let turn = 0; turn < count; turn += 1) statuses.push((await ask()).status)
  return statuses
}

/** Checks that an endpoint refused for the number of requests, within limits of a minute. */
export function assertTooMany(answer: Answer): void {
  assertRefused(answer, 'too_many_requests', 429)
  const seconds = Number(answer.headers.get('retry-after'))
  assert.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${seconds}`)
}
