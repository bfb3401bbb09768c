import type { Identity } from '../lab/identity.ts'
import { changeFilters, type EnvoyConfig } from './envoy-config.ts'

/** Filters of envoy/envoy.yaml that ask authz. */
const AUTHZ_FILTERS = new Set(['authenticate', 'tool_access', 'list_filter'])
/** As many tokens as any row shows again and again. */
const JWT_CACHE_SIZE = 1000

/** Each is envoy/envoy.yaml as it runs, but for who is asked about a request. */
export type EdgeKind = 'alone' | 'jwt' | 'jwt-cached' | 'reference' | 'gate'

/** Makes of the gate's configuration that of another kind. */
export function ofKind(config: EnvoyConfig, kind: EdgeKind, identity: Identity): EnvoyConfig {
  switch (kind) {
    case 'gate':
      return config
    // One check, and nothing else of ours.
    case 'reference':
      return changeFilters(config, (filter) => (isLaterStage(filter.name) ? [] : [filter]))
    case 'alone':
      return changeFilters(config, (filter) => (AUTHZ_FILTERS.has(filter.name) ? [] : [filter]))
    case 'jwt':
    case 'jwt-cached':
      return changeFilters(config, (filter) => {
        if (filter.name === 'authenticate') return [jwtFilter(identity, kind === 'jwt-cached')]
        return isLaterStage(filter.name) ? [] : [filter]
      })
  }
}

function isLaterStage(name: string): boolean {
  return AUTHZ_FILTERS.has(name) && name !== 'authenticate'
}

/** Envoy's own: it verifies signature, issuer, audience and expiry, and looks up no session. */
function jwtFilter({ origin, audience, secrets }: Identity, isCached: boolean) {
  return {
    name: 'envoy.filters.http.jwt_authn',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication',
      providers: {
        connect: {
          issuer: origin,
          audiences: [audience],
          forward: true,
          local_jwks: { inline_string: secrets.publicKeys },
          ...(isCached ? { jwt_cache_config: { jwt_cache_size: JWT_CACHE_SIZE } } : {}),
        },
      },
      rules: [{ match: { prefix: '/' }, requires: { provider_name: 'connect' } }],
    },
  }
}
