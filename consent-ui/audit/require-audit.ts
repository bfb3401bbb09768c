import type { Middleware } from 'koa'
import type { Audit } from '../../core/audit/audit-entry.ts'
import { Unavailable } from '../oauth/errors.ts'

/** Refuses requests while AUDIT_REQUIRED is set and their events might be lost. */
export function requireAudit(audit: Audit): Middleware {
  return async function audited(_ctx, next) {
    if (!audit.hasRoom) throw new Unavailable('the audit log')
    await next()
  }
}
