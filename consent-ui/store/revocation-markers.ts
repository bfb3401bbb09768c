import type { Person } from '../../core/sessions/session.ts'
import { quiltAddress, quiltUser } from './link-store.ts'
import type { PersonSessions } from './person-sessions.ts'

/** The revocation markers of a Quilt user, by name and by e-mail address. @param registry - its origin */
export async function revocationMarkers(
  personSessions: Pick<PersonSessions, 'revocationMarker'>,
  registry: string,
  { name, email }: Person,
): Promise<readonly string[]> {
  const users = [quiltUser({ registry, name }), quiltAddress({ registry, email })]
  const markers = await Promise.all(users.map((user) => personSessions.revocationMarker(user)))
  return markers.filter((marker) => marker !== undefined)
}
