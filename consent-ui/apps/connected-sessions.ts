import { sha256 } from '../../core/keys/hash.ts'
import type { SessionDetails } from '../../core/sessions/session-details.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Session } from '../../core/sessions/session.ts'
import { readHistory } from '../oauth/refresh-history.ts'
import { quiltUser } from '../store/link-store.ts'
import type { PersonSession, PersonSessions } from '../store/person-sessions.ts'

export interface ConnectedDependencies {
  readonly sessions: SessionStore
  readonly readDetails: (id: string) => Promise<SessionDetails>
  readonly personSessions: PersonSessions
  readonly registryUrl: URL
  readonly now: () => number
}

export interface ConnectedSession extends SessionDetails {
  /** Identifies it in a form. Only the user's own sessions are searched for it. */
  readonly tag: string
  readonly session: Session
  readonly renewedAt: number | undefined
  /** When two clients were seen to use its tokens, in seconds since 1970. */
  readonly contestedAt: number | undefined
}

/** Finds every live session of a Quilt user, newest first. Throws if Redis fails. */
export function connectedSessions(dependencies: ConnectedDependencies) {
  const { sessions, personSessions, now } = dependencies
  const registry = dependencies.registryUrl.origin

  return async function sessionsOf(user: string | undefined): Promise<ConnectedSession[]> {
    if (user === undefined) return []
    const entered = await personSessions.of(user)
    const found = await Promise.all(entered.map(({ id }) => find(id)))
    await forgetGone(user, entered, found)
    return found.filter((one) => one !== undefined).filter(({ session }) => isTheirs(session, user))
  }

  async function find(id: string): Promise<ConnectedSession | undefined> {
    const [session, refresh, details] = await Promise.all([
      sessions.find(id),
      sessions.findRefresh(id),
      dependencies.readDetails(id),
    ])
    if (session === undefined) return undefined
    const renewedAt = readHistory(refresh?.history).exchanges.at(-1)?.at
    return { tag: sha256(id), session, renewedAt, contestedAt: refresh?.contestedAt, ...details }
  }

  async function forgetGone(
    user: string,
    entered: readonly PersonSession[],
    found: readonly (ConnectedSession | undefined)[],
  ): Promise<void> {
    const gone = entered.filter((_entry, index) => found[index] === undefined)
    await personSessions.forget(user, gone, now())
  }

  /** The session record decides; an index that disagrees with it was tampered with. */
  function isTheirs({ person, expiresAt }: Session, user: string): boolean {
    return expiresAt > now() && quiltUser({ registry, name: person.name }) === user
  }
}
