import type { Middleware } from 'koa'
import type { Controls } from '../../core/controls/control-follower.ts'
import { EVERYTHING } from '../../core/controls/control-record.ts'
import { Stopped } from '../oauth/errors.ts'

/** Refuses every request while the operator has stopped everything, as far as this process knows. */
export function refuseStopped(controls: Controls): Middleware {
  return async function refuseWhileStopped(_ctx, next) {
    if (controls.isStopped(EVERYTHING)) throw gateStopped()
    await next()
  }
}

/** The same, and answers 503 while Redis cannot say what operators have blocked and stopped. */
export function refuseStoppedNow(controls: Controls): Middleware {
  return async function refuseWhileStoppedNow(_ctx, next) {
    if (await controls.isStoppedNow(EVERYTHING)) throw gateStopped()
    await next()
  }
}

function gateStopped(): Stopped {
  return new Stopped('Quilt Connect')
}
