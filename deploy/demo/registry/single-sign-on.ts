import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { clientAuthorization, type Client } from './client-authentication.ts'
import type { IdTokenCheck } from './id-token.ts'
import {
  IDENTITY_PROVIDER_TIMEOUT_MS,
  IdentityProviderUnavailable,
  type ProviderMetadata,
} from './identity-provider-metadata.ts'

export interface SingleSignOnParts {
  readonly client: Client
  readonly metadata: () => Promise<ProviderMetadata>
  readonly checkIdToken: IdTokenCheck
}

/** The providers that Quilt knows by name; here each of them is the demo organisation's. */
export const PROVIDERS: readonly string[] = ['google', 'okta', 'onelogin', 'azure']

const tokenResponseSchema = z.object({ id_token: z.string() })

/** Signing in through the identity provider, which sends the browser back to the catalog with a code. */
export class SingleSignOn {
  readonly #parts: SingleSignOnParts
  /**
   * The demo identity provider asks for PKCE, and the catalog brings back the code alone: so there is one verifier,
   * which protects nothing. Nobody but this Registry can redeem the code either way, as it has a secret.
   */
  readonly #verifier = randomBytes(32).toString('base64url')

  constructor(parts: SingleSignOnParts) {
    this.#parts = parts
  }

  /** @throws IdentityProviderUnavailable */
  async signInUrl(redirectUri: string, state: string): Promise<string> {
    const { authorization_endpoint: endpoint } = await this.#parts.metadata()
    const url = new URL(present(endpoint))
    const challenge = createHash('sha256').update(this.#verifier).digest('base64url')
    const parameters = {
      client_id: this.#parts.client.id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid email',
      state,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    }
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return url.href
  }

  /**
   * Whose e-mail a code proves; undefined when the identity provider does not know the code.
   *
   * @throws IdTokenRefused, IdentityProviderUnavailable
   */
  async emailOf(code: string, redirectUri: string): Promise<string | undefined> {
    const response = await this.#redeem(code, redirectUri)
    if (response.status >= 400 && response.status < 500) return undefined
    const answer = tokenResponseSchema.safeParse(await response.json().catch(() => undefined))
    if (!response.ok || !answer.success) {
      throw new IdentityProviderUnavailable({ cause: new Error(`status ${response.status}`) })
    }
    return await this.#parts.checkIdToken(answer.data.id_token)
  }

  async #redeem(code: string, redirectUri: string): Promise<Response> {
    const { token_endpoint: endpoint } = await this.#parts.metadata()
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri }
    return await fetch(present(endpoint), {
      method: 'POST',
      headers: { authorization: clientAuthorization(this.#parts.client) },
      body: new URLSearchParams({ ...form, code_verifier: this.#verifier }),
      signal: AbortSignal.timeout(IDENTITY_PROVIDER_TIMEOUT_MS),
      redirect: 'error',
    }).catch((cause: unknown) => {
      throw new IdentityProviderUnavailable({ cause })
    })
  }
}

function present(endpoint: string | undefined): string {
  if (endpoint !== undefined) return endpoint
  throw new IdentityProviderUnavailable({ cause: new Error('an endpoint is not in its discovery document') })
}
