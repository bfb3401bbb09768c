import type { Middleware } from 'koa'
import type { Stop } from '../../core/services/stop.ts'
import { Stopped } from '../oauth/errors.ts'

/** Refuses every request while the operator has stopped everything. */
export function refuseStopped(stop: Stop): Middleware {
  return async function refuseStopped(_ctx, next) {
    if (stop === 'all') throw new Stopped('Quilt Connect')
    await next()
  }
}
