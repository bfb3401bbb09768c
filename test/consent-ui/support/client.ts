import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { encode, json, post, type Answer, type HeaderFields } from './answer.ts'

/** Undefined omits a parameter. */
export type Changes = Readonly<Record<string, string | undefined>>

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly expires_in: number
}

/** An OAuth client that sends valid requests unless a test changes them. */
export class TestClient {
  readonly id: string
  readonly redirectUri: string
  /** RFC 7636 section 4.1: 43 to 128 characters. */
  readonly verifier = 'A-verifier.with_every~kind-of.character_0123456789'
  /** Base64 as from VS Code; it must return unchanged. */
  readonly state = 'c3RhdGU+/w=='
  readonly headers: HeaderFields
  readonly #origin: string

  constructor(
    origin: string,
    registered: { readonly id: string; readonly redirectUri: string; readonly headers?: HeaderFields },
  ) {
    this.#origin = origin
    this.id = registered.id
    this.redirectUri = registered.redirectUri
    this.headers = registered.headers ?? {}
  }

  /** The same client at another address; an empty one is unknown. */
  from(address: string): TestClient {
    const { id, redirectUri } = this
    return new TestClient(this.#origin, { id, redirectUri, headers: { 'x-envoy-external-address': address } })
  }

  authorizationUrl(changes: Changes = {}): string {
    const parameters = {
      response_type: 'code',
      client_id: this.id,
      redirect_uri: this.redirectUri,
      code_challenge: hash('sha256', this.verifier, 'base64url'),
      code_challenge_method: 'S256',
      state: this.state,
      ...changes,
    }
    return `${this.#origin}/connect/authorize?${encode(parameters)}`
  }

  async redeem(code: string, changes: Changes = {}): Promise<Answer> {
    return await this.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.redirectUri,
      code_verifier: this.verifier,
      ...changes,
    })
  }

  async refresh(refreshToken: string, changes: Changes = {}): Promise<Answer> {
    return await this.token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...changes })
  }

  async revoke(token: string, changes: Changes = {}): Promise<Answer> {
    return await post(`${this.#origin}/auth/revoke`, { token, client_id: this.id, ...changes }, this.headers)
  }

  async token(form: Changes): Promise<Answer> {
    return await post(`${this.#origin}/auth/token`, { client_id: this.id, ...form }, this.headers)
  }
}

export function tokensOf(answer: Answer): Tokens {
  assert.equal(answer.status, 200, answer.text)
  // Other tests check each member.
  return JSON.parse(answer.text) as Tokens
}

/** Asserts an error response of RFC 6749 section 5.2. */
export function assertRefused(answer: Answer, error: string, status = 400): void {
  assert.equal(json(answer).error, error, answer.text)
  assert.equal(answer.status, status)
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.match(String(json(answer).error_description), /./)
}
