import type { Context } from 'koa'
import type { Audit } from '../../core/audit/audit-entry.ts'
import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import { fingerprintOf } from '../../core/clients/blocked-clients.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { Log } from '../../core/log/log.ts'
import { readRegistration, type Registration } from '../clients/registration.ts'
import { clientSecret, sealClient } from '../clients/sealed-client.ts'
import type { ConsentUiMetrics } from '../metrics/consent-ui-metrics.ts'

export interface RegisterDependencies {
  readonly ring: KeyRing
  readonly allowedHosts: AllowedHosts
  readonly metrics: ConsentUiMetrics
  readonly audit: Audit
  readonly log: Log
  readonly now: () => number
}

/** Dynamic client registration (RFC 7591). Nothing is stored. */
export function register(dependencies: RegisterDependencies) {
  return function registerClient(ctx: Context): void {
    const registration = readMetadata(ctx)
    const clientId = sealClient(dependencies.ring, registration)
    const { name, redirectUris, authentication } = registration
    ctx.status = 201
    ctx.body = {
      client_id: clientId,
      client_id_issued_at: dependencies.now(),
      ...secretOf(clientId, registration),
      ...(name === '' ? {} : { client_name: name }),
      redirect_uris: redirectUris,
      // Always: a client that omits it must not assume RFC 7591's default.
      token_endpoint_auth_method: authentication.method,
      ...keysOf(registration),
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    }
    dependencies.metrics.registration('registered')
    // An operator blocks the client by its fingerprint (CONNECT_BLOCKED_CLIENTS).
    dependencies.log.info(
      { client: name, fingerprint: fingerprintOf(clientId), redirectUris },
      'client registered',
    )
    dependencies.audit.record({
      name: 'ClientRegistered',
      by: 'client',
      client: { id: clientId, name },
      details: { redirectUris, authentication: authentication.method },
    })
  }

  /** @throws OAuthError */
  function readMetadata(ctx: Context): Registration {
    try {
      return readRegistration(ctx.request.body, dependencies.allowedHosts)
    } catch (error) {
      dependencies.metrics.registration('refused')
      throw error
    }
  }

  function secretOf(clientId: string, { authentication: { method } }: Registration) {
    if (method === 'none' || method === 'private_key_jwt') return {}
    return { client_secret: clientSecret(dependencies.ring, clientId), client_secret_expires_at: 0 }
  }
}

function keysOf({ authentication }: Registration) {
  if (authentication.method !== 'private_key_jwt') return {}
  const { keys } = authentication
  return 'jwksUri' in keys ? { jwks_uri: keys.jwksUri } : { jwks: keys.jwks }
}
