import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { sha256 } from '../../../core/keys/hash.ts'
import type { Config } from '../../../consent-ui/config/config.ts'
import { clockOf } from './clock.ts'
import { aboutPart, type Finding, type Probe } from './finding.ts'

type IdentityProvider = NonNullable<Config['credential']['identityProvider']>

const { ok, warning, fault, skipped } = aboutPart('identity provider')

/** OpenID Connect Discovery section 3. */
const metadataSchema = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
})
type Metadata = z.output<typeof metadataSchema>

const jwksSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

/** Asks for discovery document, keys, and whether it knows our client with its redirect URI; signs no user in. */
export function identityProviderProbe(provider: IdentityProvider, origin: string): Probe {
  return {
    part: 'identity provider',
    fix: 'compare OIDC_ISSUER with the issuer that the identity provider names; look at the network rules',
    ask: async ({ signal }) => {
      const askedMs = Date.now()
      const response = await fetch(discoveryUrl(provider.issuer), { signal, redirect: 'error' })
      const clock = clockOf('the identity provider', response.headers.get('date'), askedMs)
      const { data: metadata } = metadataSchema.safeParse(await response.json().catch(() => undefined))
      if (metadata === undefined) {
        return [
          fault(
            `OIDC_ISSUER has no discovery document (status ${response.status})`,
            'write the issuer, without /.well-known/…',
          ),
        ]
      }
      return [
        issuerFinding(metadata, provider),
        ...pkceFindings(metadata),
        await keysFinding(metadata, signal),
        await redirectFinding(metadata, { provider, redirectUri: `${origin}/connect/callback`, signal }),
        ...(clock === undefined ? [] : [clock]),
      ]
    },
  }
}

function discoveryUrl(issuer: URL): URL {
  const url = new URL(issuer)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/.well-known/openid-configuration`
  return url
}

/** OpenID Connect Discovery section 4.3: equal, but for the slash that a URL without a path gets. */
function issuerFinding({ issuer }: Metadata, provider: IdentityProvider): Finding {
  const expected = provider.issuer.href
  const isSame = issuer === expected || `${issuer}/` === expected
  return isSame
    ? ok(`issuer ${issuer}`)
    : fault(`it calls itself ${issuer}`, 'write exactly that in OIDC_ISSUER')
}

function pkceFindings({ code_challenge_methods_supported: methods }: Metadata): Finding[] {
  if (methods === undefined || methods.includes('S256')) return []
  return [
    warning('it does not list the PKCE method S256', 'look whether it ignores code_challenge, or refuses it'),
  ]
}

async function keysFinding({ jwks_uri: url }: Metadata, signal: AbortSignal): Promise<Finding> {
  const response = await fetch(url, { signal })
  const { data } = jwksSchema.safeParse(await response.json().catch(() => undefined))
  const keys = data?.keys.filter(({ kty }) => kty !== 'oct') ?? []
  if (keys.length > 0) return ok(`${keys.length} signing key(s)`)
  return fault('it publishes no signing key (jwks_uri)', 'look at its keys: no sign-in can be verified')
}

/** With `prompt=none` it answers a client that it knows by a redirect, without a page (OpenID Connect Core 3.1.2.6). */
async function redirectFinding(
  { authorization_endpoint: endpoint }: Metadata,
  { provider, redirectUri, signal }: { provider: IdentityProvider; redirectUri: string; signal: AbortSignal },
): Promise<Finding> {
  const url = new URL(endpoint)
  const random = () => randomBytes(32).toString('base64url')
  const parameters = {
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: redirectUri,
    scope: 'openid email',
    prompt: 'none',
    state: random(),
    nonce: random(),
    code_challenge: sha256(random()),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  const response = await fetch(url, { signal, redirect: 'manual' })
  await response.body?.cancel()
  const location = response.headers.get('location') ?? ''
  if (location.startsWith(redirectUri)) return ok(`knows client ${provider.clientId} with ${redirectUri}`)
  if (response.status >= 400 && response.status < 500) {
    return fault(
      `it refuses client ${provider.clientId} with ${redirectUri} (status ${response.status})`,
      `register exactly ${redirectUri} as a redirect URI of that client`,
    )
  }
  return skipped(`whether it knows ${redirectUri} shows at the first sign-in: it answers with a page`)
}
