import type { SessionIndex } from '../../core/sessions/session-index.ts'
import type { Person, Session } from '../../core/sessions/session.ts'
import { namesOfUser } from './link-store.ts'
import type { PersonSessions } from './person-sessions.ts'

export interface SessionListsDependencies {
  readonly personSessions: PersonSessions
  readonly sessionIndex: SessionIndex
  readonly registryUrl: URL
  readonly now: () => number
}

/** Where users and operators find a session: under the user's name, under their e-mail address, and in the index of all. */
export class SessionLists {
  readonly #dependencies: SessionListsDependencies

  constructor(dependencies: SessionListsDependencies) {
    this.#dependencies = dependencies
  }

  /**
   * Enters a session before it is opened, so that no live session is missing; and again at each refresh, because Redis
   * may have lost an entry.
   *
   * @param others - more lists of {@link PersonSessions}
   */
  async enter(
    { id, person, createdAt, expiresAt }: Pick<Session, 'id' | 'person' | 'createdAt' | 'expiresAt'>,
    others: readonly string[] = [],
  ): Promise<void> {
    const { personSessions, sessionIndex, now } = this.#dependencies
    const seconds = expiresAt - now()
    await Promise.all([
      ...[...this.#namesOf(person), ...others].map((list) =>
        personSessions.add(list, id, { now: createdAt, seconds }),
      ),
      sessionIndex.add(id, { openedAt: createdAt, seconds }),
    ])
  }

  /** Removes the entries of a session that has ended. */
  async leave(person: Person, id: string): Promise<void> {
    const { personSessions, sessionIndex, now } = this.#dependencies
    const gone = [{ id, addedAt: 0 }]
    await Promise.all([
      ...this.#namesOf(person).map((list) => personSessions.forget(list, gone, now())),
      sessionIndex.forget(gone, now()),
    ])
  }

  #namesOf(person: Person): readonly string[] {
    return namesOfUser(this.#dependencies.registryUrl.origin, person)
  }
}
