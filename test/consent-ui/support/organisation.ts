import type { RequestListener } from 'node:http'
import type { JWK } from 'oidc-provider'
import { PEOPLE } from '../../../deploy/demo/people.ts'
import { createIdentityProvider } from '../../../deploy/demo/identity-provider/provider.ts'
import { newSigningKey } from '../../../deploy/demo/identity-provider/provider-settings.ts'
import { createRegistry } from '../../../deploy/demo/registry/server.ts'
import { SILENT, start, type Started } from '../../deploy/demo/support/start.ts'
import { sharedByFiles } from '../../support/close-after-all.ts'
import { RegistryProxy } from './registry-proxy.ts'

/** The organisation's identity provider and Registry: the demo's, unless a test has its own. */
export interface Organisation {
  readonly identityProvider: Started
  readonly registry: Started
  readonly registryProxy: RegistryProxy
  /** Quilt names of deactivated users. */
  readonly deactivated: Set<string>
  /** Of the demo's identity provider. */
  readonly signingKey: JWK
  /** Quilt names of users who are no longer administrators. */
  readonly demoted: Set<string>
}

export interface OrganisationOptions {
  /** Built when its origin and the redirect URI are known. */
  readonly identityProvider?: (issuer: string, redirectUri: string) => RequestListener
  readonly registry?: RequestListener
  readonly quiltTokenSeconds?: number
}

/** Has characters that form encoding changes. */
export const OUR_CLIENT = { id: 'connect+server', secret: 's3cret:/&%+=' }
const QUILT_TOKEN_SECONDS = 90 * 86_400

/** An RSA key takes a tenth of a second to make. */
const sharedSigningKey = sharedByFiles(newSigningKey)

/** Its servers use real time. */
export async function startOrganisation(
  redirectUri: string,
  { identityProvider, registry, quiltTokenSeconds = QUILT_TOKEN_SECONDS }: OrganisationOptions,
): Promise<Organisation> {
  const client = { ...OUR_CLIENT, redirectUris: [redirectUri] }
  const people = PEOPLE
  const deactivated = new Set<string>()
  const demoted = new Set<string>()
  const signingKey = await sharedSigningKey()
  const startedProvider = await start(
    (issuer) =>
      identityProvider?.(issuer, redirectUri) ??
      createIdentityProvider({ issuer, client, people, log: SILENT, signingKey }),
  )
  const registryProxy = new RegistryProxy()
  const startedRegistry = await start(() =>
    registryProxy.before(
      registry ??
        createRegistry({
          identityProvider: startedProvider.origin,
          client: OUR_CLIENT,
          people,
          deactivated,
          assertionAudience: new URL(redirectUri).origin,
          demoted,
          tokenSeconds: quiltTokenSeconds,
          log: SILENT,
          now: () => Math.floor(Date.now() / 1000),
        }),
    ),
  )
  return {
    identityProvider: startedProvider,
    registry: startedRegistry,
    registryProxy,
    deactivated,
    signingKey,
    demoted,
  }
}

export function settingsOf({ identityProvider, registry }: Organisation) {
  return {
    OIDC_ISSUER: identityProvider.origin,
    OIDC_CLIENT_ID: OUR_CLIENT.id,
    OIDC_CLIENT_SECRET: OUR_CLIENT.secret,
    QUILT_CREDENTIAL_SOURCE: 'exchange',
    QUILT_REGISTRY_URL: registry.origin,
    QUILT_TOKEN_EXCHANGE_URL: `${registry.origin}/api/token-exchange`,
    QUILT_TOKEN_EXCHANGE_CLIENT_ID: OUR_CLIENT.id,
    QUILT_TOKEN_EXCHANGE_CLIENT_SECRET: OUR_CLIENT.secret,
  }
}
