import { ACCESS_TOKEN_ALGORITHM } from '../../core/tokens/access-token.ts'
import type { ProtectedResource, Service } from '../../core/services/service.ts'
import { ASSERTION_ALGORITHMS } from '../clients/client-assertion.ts'
import { CALLER_METHODS } from '../callers/authenticate-caller.ts'
import { AUTHENTICATION_METHODS } from '../clients/client.ts'
import { JWT_BEARER } from '../enterprise/identity-assertion.ts'
import { OFFLINE_ACCESS } from '../oauth/scope.ts'

/** draft-ietf-oauth-identity-assertion-authz-grant-04 section 7.2. */
const IDENTITY_ASSERTION_PROFILE = 'urn:ietf:params:oauth:grant-profile:id-jag'

interface ServerSettings {
  readonly origin: string
  readonly issuer: string
  readonly services: readonly Service[]
  readonly hasIntrospection: boolean
  readonly acceptsAssertions: boolean
}

/** Authorization server metadata (RFC 8414 section 2), complete for OpenID Connect Discovery 1.0 section 3 too. */
export function authorizationServerMetadata({
  origin,
  issuer,
  services,
  hasIntrospection,
  acceptsAssertions,
}: ServerSettings) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/connect/authorize`,
    token_endpoint: `${issuer}/auth/token`,
    registration_endpoint: `${issuer}/auth/register`,
    revocation_endpoint: `${issuer}/auth/revoke`,
    jwks_uri: `${issuer}/auth/.well-known/jwks.json`,
    scopes_supported: [...new Set(services.flatMap((service) => service.scopes)), OFFLINE_ACCESS],
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      ...(acceptsAssertions ? [JWT_BEARER] : []),
    ],
    ...(acceptsAssertions ? { authorization_grant_profiles_supported: [IDENTITY_ASSERTION_PROFILE] } : {}),
    token_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: AUTHENTICATION_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    ...(hasIntrospection ? introspection(issuer) : {}),
    client_id_metadata_document_supported: true,
    code_challenge_methods_supported: ['S256'],
    ...(issuer === origin ? { authorization_response_iss_parameter_supported: true } : {}),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [ACCESS_TOKEN_ALGORITHM],
  }
}

function introspection(issuer: string) {
  return {
    introspection_endpoint: `${issuer}/auth/introspect`,
    introspection_endpoint_auth_methods_supported: CALLER_METHODS,
  }
}

/** Protected-resource metadata (RFC 9728 section 2). `offline_access` is not a scope of the resource. */
export function protectedResourceMetadata(issuer: string, { resource, service }: ProtectedResource) {
  return {
    resource,
    authorization_servers: [issuer],
    scopes_supported: service.scopes,
    bearer_methods_supported: ['header'],
    resource_name: service.title,
  }
}
