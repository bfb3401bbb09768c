import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { clientAuthorization, type Client } from './client-authentication.ts'
import type { IdTokenCheck } from './id-token.ts'
import {
  IDENTITY_PROVIDER_TIMEOUT_MS,
  IdentityProviderUnavailable,
  type ProviderMetadata,
} from './identity-provider-metadata.ts'

/** Quilt's names of providers; here each is the demo identity provider. */
export const PROVIDERS: readonly string[] = ['google', 'okta', 'onelogin', 'azure']

const tokenResponseSchema = z.object({ id_token: z.string() })

/** Sign-in through the identity provider, which redirects the browser to the catalog with a code. */
export class SingleSignOn {
  readonly #client: Client
  readonly #metadata: () => Promise<ProviderMetadata>
  readonly #checkIdToken: IdTokenCheck
  /**
   * One PKCE verifier for all sign-ins: the identity provider requires PKCE, but the catalog returns only the code.
   * The client secret protects the code.
   */
  readonly #verifier = randomBytes(32).toString('base64url')

  constructor(client: Client, metadata: () => Promise<ProviderMetadata>, checkIdToken: IdTokenCheck) {
    this.#client = client
    this.#metadata = metadata
    this.#checkIdToken = checkIdToken
  }

  /** @throws IdentityProviderUnavailable */
  async signInUrl(redirectUri: string, state: string): Promise<string> {
    const { authorization_endpoint: endpoint } = await this.#metadata()
    const url = new URL(required(endpoint))
    const challenge = createHash('sha256').update(this.#verifier).digest('base64url')
    const parameters = {
      client_id: this.#client.id,
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
   * Redeems a code for the user's verified e-mail; undefined if the identity provider refuses the code.
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
    return await this.#checkIdToken(answer.data.id_token)
  }

  async #redeem(code: string, redirectUri: string): Promise<Response> {
    const { token_endpoint: endpoint } = await this.#metadata()
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri }
    return await fetch(required(endpoint), {
      method: 'POST',
      headers: { authorization: clientAuthorization(this.#client) },
      body: new URLSearchParams({ ...form, code_verifier: this.#verifier }),
      signal: AbortSignal.timeout(IDENTITY_PROVIDER_TIMEOUT_MS),
      redirect: 'error',
    }).catch((cause: unknown) => {
      throw new IdentityProviderUnavailable({ cause })
    })
  }
}

function required(endpoint: string | undefined): string {
  if (endpoint !== undefined) return endpoint
  throw new IdentityProviderUnavailable({ cause: new Error('the discovery document lacks an endpoint') })
}
