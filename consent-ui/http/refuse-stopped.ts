import type { Middleware } from 'koa'
import type { Controls } from '../../core/controls/control-follower.ts'
import { Stopped } from '../oauth/errors.ts'

/** Answers 503 while Redis cannot say what operators have blocked and stopped. */
export function requireControls(controls: Controls): Middleware {
  return async function requireCurrentControls(_ctx, next) {
    if (!controls.isCurrent) await controls.refresh()
    await next()
  }
}

/** Refuses every request while the operator has stopped everything. */
export function refuseStopped(controls: Controls): Middleware {
  return async function refuseWhileStopped(_ctx, next) {
    if (controls.isEverythingStopped) throw new Stopped('Quilt Connect')
    await next()
  }
}
