import { protectedResources, type Service } from '../../core/services/service.ts'
import { OAuthError } from './errors.ts'

/** Finds the service of a `resource` parameter (RFC 8707). */
export type ResourceLookup = (resource: string | undefined) => Service

/** Case of scheme and host, default port and one trailing slash do not matter. Throws OAuthError `invalid_target`. */
export function resourceLookup(origin: string, services: readonly Service[]): ResourceLookup {
  const byResource = new Map<string, Service>()
  for (const { resource, service } of protectedResources(origin, services).values()) {
    byResource.set(resource, service)
  }
  const byDefault = services.find((service) => service.isDefault)
  return function serviceOf(resource) {
    const service = resource === undefined ? byDefault : byResource.get(normalised(resource))
    if (service === undefined) {
      throw new OAuthError('invalid_target', `resource must be one of ${[...byResource.keys()].join(' ')}`)
    }
    return service
  }
}

/** Normalises scheme, host and port, but not the path, which a URL parser would rewrite. */
function normalised(resource: string): string {
  const url = URL.parse(resource)
  const [, path] = /^https?:\/\/[a-z0-9.:[\]-]+(\/[^?#]*)$/i.exec(resource) ?? []
  return url === null || path === undefined ? '' : `${url.origin}${path.replace(/\/$/, '')}`
}
