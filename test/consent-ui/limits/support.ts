import assert from 'node:assert/strict'
import type { Answer, HeaderFields } from '../support/answer.ts'
import { assertRefused, type TestClient } from '../support/client.ts'
import type { Connect } from '../support/connect.ts'

export const REDIRECT_URI = 'http://localhost/cb'
const METADATA = JSON.stringify({ redirect_uris: [REDIRECT_URI] })

/** Envoy sets this header; a client cannot. */
export function from(address: string): HeaderFields {
  return { 'x-envoy-external-address': address }
}

let lastHost = 0

/** A caller at an address that was not used before. */
export function newCaller(): HeaderFields {
  lastHost += 1
  return from(`198.51.100.${lastHost}`)
}

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

export async function times(count: number, ask: () => Promise<{ status: number }>): Promise<number[]> {
  const statuses: number[] = []
  for (let turn = 0; turn < count; turn += 1) statuses.push((await ask()).status)
  return statuses
}

/** Asserts a 429 with a Retry-After of at most a minute. */
export function assertTooMany(answer: Answer): void {
  assertRefused(answer, 'too_many_requests', 429)
  const seconds = Number(answer.headers.get('retry-after'))
  assert.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${seconds}`)
}
