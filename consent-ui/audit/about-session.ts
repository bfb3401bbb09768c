import type { AuditEntry } from '../../core/audit/audit-entry.ts'
import { accessOf, type Session } from '../../core/sessions/session.ts'

type About = Pick<AuditEntry, 'person' | 'client' | 'sessionId' | 'service' | 'access'>

/** The members of an event that say which session it is about. */
export function aboutSession(session: Session): About {
  const { id, person, clientId, clientName, resource } = session
  return {
    person,
    client: { id: clientId, name: clientName },
    sessionId: id,
    service: resource,
    access: accessOf(session),
  }
}
