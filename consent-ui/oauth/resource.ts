import { protectedResources, type Service } from '../../core/services/service.ts'
import { OAuthError } from './errors.ts'

/** Finds the service that a `resource` parameter means (RFC 8707). */
export type ResourceLookup = (resource: string | undefined) => Service

/**
 * Accepted are the resources that our own documents name, compared after scheme and host case, default port and
 * one trailing slash; an absent one means the default service.
 *
 * @returns a lookup that throws OAuthError `invalid_target` for every other
 */
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

/** A URL parser puts scheme, host and default port into one form; it would rewrite the path too, which stays. */
function normalised(resource: string): string {
  const url = URL.parse(resource)
  const [, path] = /^https?:\/\/[a-z0-9.:[\]-]+(\/[^?#]*)$/i.exec(resource) ?? []
  return url === null || path === undefined ? '' : `${url.origin}${path.replace(/\/$/, '')}`
}
