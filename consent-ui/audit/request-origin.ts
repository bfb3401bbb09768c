import { AsyncLocalStorage } from 'node:async_hooks'
import type { Middleware } from 'koa'
import type { Audit, RequestOrigin } from '../../core/audit/audit-entry.ts'
import { currentRequestId } from '../../core/log/request-context.ts'
import { clientAddress } from '../limits/client-network.ts'

const origins = new AsyncLocalStorage<Omit<RequestOrigin, 'requestId'>>()

/** Keeps where the request came from, for the events that it causes at any depth. */
export function keepRequestOrigin(): Middleware {
  return async function withOrigin(ctx, next) {
    const origin = {
      address: clientAddress(ctx),
      userAgent: ctx.get('user-agent') || undefined,
    }
    await origins.run(origin, next)
  }
}

/** Adds to each event where its request came from. */
export function withRequestOrigin(audit: Audit): Audit {
  return {
    record: (entry) =>
      audit.record({ origin: { ...origins.getStore(), requestId: currentRequestId() }, ...entry }),
    get hasRoom() {
      return audit.hasRoom
    },
  }
}
