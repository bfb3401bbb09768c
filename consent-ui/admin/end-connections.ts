import type { AuditEntry } from '../../core/audit/audit-entry.ts'
import type { Session } from '../../core/sessions/session.ts'
import { aboutSession } from '../audit/about-session.ts'
import type { QuiltUser } from '../quilt/administrators.ts'
import { inBatches } from '../sessions/in-batches.ts'
import type { Confirmation, SessionEnder } from '../sessions/session-ender.ts'
import { quiltAddress, quiltUser } from '../store/link-store.ts'
import type { PersonSessions } from '../store/person-sessions.ts'

interface EndConnectionsDependencies {
  readonly ender: SessionEnder
  readonly personSessions: PersonSessions
  readonly registryUrl: URL
}

/** Who ends sessions that are not their own: an administrator, or a program by the name of its key. */
export type Actor =
  | { readonly by: 'administrator'; readonly user: QuiltUser }
  | { readonly by: 'operator'; readonly key: string }

export interface Ended extends Confirmation {
  readonly count: number
}

/** The members of an event that say who acted. The audit log can remove a person, but not what details hold. */
export function aboutActor(actor: Actor): Pick<AuditEntry, 'by' | 'person' | 'details'> {
  if (actor.by === 'operator') return { by: actor.by, details: { key: actor.key } }
  const { name, email } = actor.user
  return { by: actor.by, person: { name, email } }
}

/** Ends sessions of other people, with a line in the audit log for each; the request id joins it to who did it. */
export class EndConnections {
  readonly #dependencies: EndConnectionsDependencies

  constructor(dependencies: EndConnectionsDependencies) {
    this.#dependencies = dependencies
  }

  async end(sessions: readonly Session[], { by }: Actor): Promise<Ended> {
    const { ender } = this.#dependencies
    const confirmations = await inBatches(sessions, (session) => {
      const entry = { name: 'SessionRevoked', by, ...aboutSession(session) } as const
      return ender.end(session.id, 'administrator_ended', entry)
    })
    return {
      count: sessions.length,
      isAcknowledged: confirmations.every(({ isAcknowledged }) => isAcknowledged),
      isReplicated: confirmations.every(({ isReplicated }) => isReplicated),
    }
  }

  /**
   * Refuses codes that users approved before. Runs before their sessions are listed.
   *
   * @param names - Quilt user names
   * @param email - for a person whose name may be unknown, without a session
   */
  async refuseEarlierCodes(names: readonly string[], email?: string): Promise<void> {
    const { personSessions, registryUrl } = this.#dependencies
    const registry = registryUrl.origin
    const addresses = email === undefined ? [] : [quiltAddress({ registry, email })]
    const users = [...new Set(names)].map((name) => quiltUser({ registry, name }))
    for (const user of [...addresses, ...users]) await personSessions.markRevocation(user)
  }
}
