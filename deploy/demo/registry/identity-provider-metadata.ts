import { z } from 'zod'

/** The identity provider can't be asked, so that nothing can be said about a sign-in. */
export class IdentityProviderUnavailable extends Error {
  constructor(options: ErrorOptions) {
    super('the identity provider does not answer', options)
    this.name = 'IdentityProviderUnavailable'
  }
}

export const IDENTITY_PROVIDER_TIMEOUT_MS = 5000

const metadataSchema = z.object({
  issuer: z.string(),
  jwks_uri: z.url(),
  authorization_endpoint: z.url().optional(),
  token_endpoint: z.url().optional(),
})

export type ProviderMetadata = z.output<typeof metadataSchema>

/**
 * The identity provider's discovery document, fetched when it is first needed.
 *
 * @throws IdentityProviderUnavailable
 */
export function providerMetadata(issuer: string): () => Promise<ProviderMetadata> {
  let discovered: Promise<ProviderMetadata> | undefined
  return () => {
    discovered ??= discover(issuer).catch((cause: unknown) => {
      discovered = undefined
      throw new IdentityProviderUnavailable({ cause })
    })
    return discovered
  }
}

/**
 * The document lies below the issuer, without a slash at its end (OpenID Connect Discovery section 4). The issuer in
 * the document must be the one that was asked (section 4.3).
 */
async function discover(issuer: string): Promise<ProviderMetadata> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(IDENTITY_PROVIDER_TIMEOUT_MS),
    redirect: 'error',
  })
  if (!response.ok) throw new Error(`status ${response.status}`)
  const metadata = metadataSchema.parse(await response.json())
  if (metadata.issuer !== issuer) throw new Error('its discovery document names another issuer')
  return metadata
}
