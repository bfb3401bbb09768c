import type { Service } from '../../core/services/service.ts'

/** Where Envoy's route leads: a service, and the one of its paths that was asked for. */
export interface Route {
  readonly service: Service
  readonly path: string
  /** Whether it leads to a part of a plain HTTP service that is opened to looking, and only looks. */
  readonly reads: boolean
}

/** What the route says about itself (context_extensions). */
export interface RouteContext {
  readonly service: string | undefined
  readonly path: string | undefined
  readonly reads: string | undefined
}

/**
 * The route that a context names; undefined where it names none of ours. The request's own path is not looked
 * at: Envoy has matched it, and whoever matched it a second time could come to another result.
 */
export function findRoute(services: readonly Service[], context: RouteContext): Route | undefined {
  const { path } = context
  const service = services.find(({ name }) => name === context.service)
  if (service === undefined || path === undefined || !service.paths.includes(path)) return undefined
  return { service, path, reads: context.reads === 'true' }
}
