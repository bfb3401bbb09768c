import type { Person } from '../../core/sessions/session.ts'
import { namesOfUser } from './link-store.ts'
import type { PersonSessions } from './person-sessions.ts'

/** The revocation markers of a Quilt user, by name and by e-mail address. @param registry - its origin */
export async function revocationMarkers(
  personSessions: Pick<PersonSessions, 'revocationMarker'>,
  registry: string,
  person: Person,
): Promise<readonly string[]> {
  const names = namesOfUser(registry, person)
  const markers = await Promise.all(names.map((name) => personSessions.revocationMarker(name)))
  return markers.filter((marker) => marker !== undefined)
}
