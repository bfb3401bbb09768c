import { z } from 'zod'

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

/** Fetches the discovery document once; a failed call throws IdentityProviderUnavailable, and the next tries again. */
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

/** OpenID Connect Discovery section 4; the document must name the issuer that was asked (section 4.3). */
async function discover(issuer: string): Promise<ProviderMetadata> {
  const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(IDENTITY_PROVIDER_TIMEOUT_MS),
    redirect: 'error',
  })
  if (!response.ok) throw new Error(`status ${response.status}`)
  const metadata = metadataSchema.parse(await response.json())
  if (metadata.issuer !== issuer) throw new Error('the discovery document names another issuer')
  return metadata
}
