import type { Context, Next } from 'koa'
import type { Health } from '../health/health.ts'

/** Envoy sets it on every request that it forwards; its own health checks and those of containers have none. */
const FORWARDED = 'X-Forwarded-For'

/**
 * `GET /healthz`, for Envoy and the container: 503 until Redis was reached once; with `?now` also while it cannot be
 * reached. Clients get 404: the report says which parts are down.
 */
export function showHealth(health: Health) {
  return async function showHealth(ctx: Context, next: Next): Promise<void> {
    if (ctx.get(FORWARDED) !== '') {
      await next()
      return
    }
    const report = await health.report()
    const isHealthy = ctx.query.now === undefined ? report.started : report.ready
    ctx.status = isHealthy ? 200 : 503
    ctx.set('Cache-Control', 'no-store')
    ctx.body = report
  }
}
