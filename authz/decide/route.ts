import type { Service } from '../../core/services/service.ts'
import type { Access } from '../../core/sessions/session.ts'

export interface Route {
  readonly service: Service
  readonly path: string
  /** True for a GET or HEAD of the part of a plain HTTP service that read access includes. */
  readonly reads: boolean
}

/** `context_extensions` of the route in envoy.yaml. */
export interface RouteContext {
  readonly service: string | undefined
  readonly path: string | undefined
  readonly reads: string | undefined
}

/**
 * Finds the route that a context names; undefined when it names no service of ours. Only Envoy matches the request's
 * path: a second match here could have another result.
 */
export function findRoute(services: readonly Service[], context: RouteContext): Route | undefined {
  const { path } = context
  const service = services.find(({ name }) => name === context.service)
  if (service === undefined || path === undefined || !service.paths.includes(path)) return undefined
  return { service, path, reads: context.reads === 'true' }
}

export type ToolAccess = 'needed' | 'not_needed'

export function toolAccessAt({ service, reads }: Route, access: Access): ToolAccess | 'read_only' {
  if (access === 'full') return 'not_needed'
  if (service.kind === 'mcp') return 'needed'
  return reads ? 'not_needed' : 'read_only'
}
