import type { z } from 'zod'
import type { Service } from './service.ts'

/** Paths that consent-ui or Envoy answer; no service may be below them. */
const OURS = ['/.well-known', '/connect', '/auth', '/authorize', '/token', '/register', '/healthz', '/api']

/** Reports services that share a name, a path or an audience, and paths that would never reach their service. */
export function checkPaths(services: readonly Service[], context: z.RefinementCtx): void {
  const complain = (index: number, member: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [index, member], message })
  }
  if (services.filter(({ isDefault }) => isDefault).length !== 1) {
    context.addIssue({ code: 'custom', message: 'must have exactly one service with default: true' })
  }
  for (const [index, service] of services.entries()) {
    const others = services.filter((other) => other !== service)
    if (others.some(({ name }) => name === service.name))
      complain(index, 'name', 'is that of another service')
    if (others.some(({ pathPrefix }) => pathPrefix === service.pathPrefix)) {
      complain(index, 'prefix', 'is that of another service: tokens of one would be accepted at the other')
    }
    if (!isWithin(service.paths[0], service.pathPrefix))
      complain(index, 'path', 'must be the prefix or below it')
    checkReadPaths(service, index, complain)
    for (const path of [service.pathPrefix, ...service.paths]) {
      if (OURS.some((ours) => isWithin(path, ours))) complain(index, 'path', `${path} is Connect's own`)
      if (others.some((other) => isTakenBy(other, path))) {
        complain(index, 'path', `${path} belongs to another service too`)
      }
    }
    if (new Set(service.paths).size !== service.paths.length) complain(index, 'aliases', 'must differ')
  }
}

function checkReadPaths(
  service: Service,
  index: number,
  complain: (index: number, member: string, message: string) => void,
): void {
  if (service.kind !== 'http') return
  if (service.read.paths.some((path) => !isWithin(path, service.pathPrefix))) {
    complain(index, 'read.paths', 'must each be the prefix or below it')
  }
}

/** True if requests for the path go to that service. An HTTP service has everything below its prefix. */
function isTakenBy(service: Service, path: string): boolean {
  if (service.kind === 'http') return isWithin(path, service.pathPrefix)
  return service.paths.includes(path)
}

/** `/mcp/platform-other` is not within `/mcp/platform`. */
function isWithin(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}
