import type { AuditEntry } from '../../core/audit/audit-entry.ts'
import type { Transaction } from '../store/transaction-store.ts'

type About = Pick<AuditEntry, 'person' | 'client' | 'sessionId' | 'service' | 'access'>

/** The members of an event that say which authorization request it is about. */
export function aboutRequest(
  { clientId, clientName, service }: Transaction,
  more: Pick<About, 'person' | 'access' | 'sessionId'> = {},
): About {
  return { client: { id: clientId, name: clientName }, service, ...more }
}
