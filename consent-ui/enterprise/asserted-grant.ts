import type { Service } from '../../core/services/service.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/parameters.ts'
import type { ResourceLookup } from '../oauth/resource.ts'
import type { AssertedIdentity } from './identity-assertion.ts'

/** What an assertion and its request grant together. */
export interface AssertedGrant {
  readonly service: Service
  readonly scope: string
}

type Asserted = Pick<AssertedIdentity, 'resources' | 'scope'>

/**
 * The service and the scopes that the identity provider granted, narrowed by the request (MCP Enterprise-Managed
 * Authorization sections 7.2.1 and 7.6.2).
 *
 * @throws OAuthError `invalid_grant` for a claim that is not ours, `invalid_target`, `invalid_scope` for the request
 */
export function assertedGrant(
  parameters: Parameters,
  asserted: Asserted,
  serviceOf: ResourceLookup,
): AssertedGrant {
  const service = requestedService(
    parameters.get('resource'),
    grantedServices(asserted, serviceOf),
    serviceOf,
  )
  return { service, scope: grantedScope(parameters.get('scope'), asserted, service) }
}

/** An assertion without a resource is for the default service. */
function grantedServices({ resources }: Asserted, serviceOf: ResourceLookup): ReadonlySet<Service> {
  try {
    return new Set((resources ?? [undefined]).map((resource) => serviceOf(resource)))
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    throw new OAuthError('invalid_grant', `assertion refused: ${error.message}`)
  }
}

function requestedService(
  requested: string | undefined,
  granted: ReadonlySet<Service>,
  serviceOf: ResourceLookup,
): Service {
  const [only, ...others] = granted
  const service = requested === undefined ? only : serviceOf(requested)
  if (service === undefined || (requested === undefined && others.length > 0)) {
    throw new OAuthError('invalid_target', 'the assertion is for several services; send resource')
  }
  if (granted.has(service)) return service
  throw new OAuthError('invalid_target', 'resource is not the one that the assertion is for')
}

/** Never a scope that the identity provider did not grant. `offline_access` is ignored: no refresh token. */
function grantedScope(requested: string | undefined, { scope }: Asserted, { scopes }: Service): string {
  const granted = scope === undefined ? scopes : scopesIn(scope, scopes)
  if (granted.length === 0) {
    throw new OAuthError('invalid_grant', `assertion refused: its scope must name one of ${scopes.join(' ')}`)
  }
  const wanted = scopesIn(requested ?? '', scopes)
  const both = wanted.length === 0 ? granted : granted.filter((name) => wanted.includes(name))
  if (both.length === 0)
    throw new OAuthError('invalid_scope', 'the assertion grants none of the scopes asked for')
  return both.join(' ')
}

/** The service's scopes that a list names; others are ignored, as in an authorization request. */
function scopesIn(list: string, scopes: readonly string[]): readonly string[] {
  const named = new Set(list.split(' '))
  return scopes.filter((scope) => named.has(scope))
}
