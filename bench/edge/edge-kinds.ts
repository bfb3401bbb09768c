import type { Identity } from '../lab/identity.ts'
import { changeFilters, type EnvoyConfig } from './envoy-config.ts'

const AUTHZ_FILTERS = new Set(['authenticate', 'tool_access', 'list_filter'])
/** Above the number of tokens that a warm row uses. */
const JWT_CACHE_SIZE = 1000

/** Tokens a second: more requests than any machine sends. */
const MAX_REQUESTS = 1_000_000

/** envoy.yaml with another filter in place of ours, or none. */
export type EdgeKind = 'alone' | 'jwt' | 'jwt-cached' | 'reference' | 'gate'

/** Changes the gate's configuration to another kind. */
export function ofKind(config: EnvoyConfig, kind: EdgeKind, identity: Identity): EnvoyConfig {
  switch (kind) {
    case 'gate':
      return config
    // One stage.
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

/** Envoy's filter verifies signature, issuer, audience and expiry, and reads no session. */
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

/** Without the limit of the whole listener, which Envoy alone meets on a fast machine; each address keeps its own. */
export function withoutTotalLimit(config: EnvoyConfig): EnvoyConfig {
  const bucket = { max_tokens: MAX_REQUESTS, tokens_per_fill: MAX_REQUESTS, fill_interval: '1s' }
  return changeFilters(config, (filter) => [
    filter.name === 'envoy.filters.http.local_ratelimit'
      ? { ...filter, typed_config: { ...filter.typed_config, token_bucket: bucket } }
      : filter,
  ])
}
