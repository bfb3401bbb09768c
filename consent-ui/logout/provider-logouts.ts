import type { Audit } from '../../core/audit/audit-entry.ts'
import { recordOutcome } from '../../core/audit/record-outcome.ts'
import type { Log } from '../../core/log/log.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { LogoutEndsSessions } from '../provider/identity-provider.ts'
import { inBatches } from '../sessions/in-batches.ts'
import type { SessionEnder } from '../sessions/session-ender.ts'
import type { LinkStore } from '../store/link-store.ts'
import type { PersonSessions } from '../store/person-sessions.ts'
import {
  sessionsOpenedBy,
  sessionsOpenedFrom,
  type LoggedOut,
  type ProviderSessions,
} from '../store/provider-sessions.ts'

export interface ProviderLogoutsDependencies {
  readonly logoutEndsSessions: LogoutEndsSessions
  readonly providerSessions: ProviderSessions
  readonly personSessions: PersonSessions
  readonly links: LinkStore
  readonly registryUrl: URL
  readonly sessions: SessionStore
  readonly ender: SessionEnder
  readonly audit: Audit
  readonly log: Log
}

/** Carries out logouts that the identity provider reports. Repeating one changes nothing. */
export class ProviderLogouts {
  readonly #dependencies: ProviderLogoutsDependencies

  constructor(dependencies: ProviderLogoutsDependencies) {
    this.#dependencies = dependencies
  }

  /** Ends sign-ins at browsers and, if the operator wants it, Connect sessions. */
  async logOut(loggedOut: LoggedOut, channel: 'back-channel' | 'front-channel'): Promise<void> {
    const { audit, log } = this.#dependencies
    const { issuer } = loggedOut
    const sessionsEnded = await recordOutcome<number>(
      audit,
      (ended) => ({ name: 'SignOut', details: { issuer, channel, sessionsEnded: ended } }),
      () => this.#endAll(loggedOut),
    )
    log.info({ channel, sessionsEnded }, 'identity provider: user signed out')
  }

  /** @returns the number of Connect sessions that ended */
  async #endAll(loggedOut: LoggedOut): Promise<number> {
    // First, so that a code redeemed from now on opens no session that the lists lack.
    await this.#dependencies.providerSessions.markLoggedOut(loggedOut)
    const ids = await this.#chosenSessions(loggedOut)
    const ended = await inBatches([...ids], (id) => this.#end(id))
    return ended.filter(Boolean).length
  }

  async #end(id: string): Promise<boolean> {
    const { sessions, ender } = this.#dependencies
    const session = await sessions.find(id)
    if (session === undefined) return false
    await ender.endForReason(session, 'signed_out', 'the identity provider signed its user out')
    return true
  }

  async #chosenSessions({ issuer, subject, sid }: LoggedOut): Promise<Set<string>> {
    const { logoutEndsSessions, providerSessions } = this.#dependencies
    if (logoutEndsSessions === 'off') return new Set()
    const ofSession = sid === undefined ? [] : [sessionsOpenedFrom({ issuer, sid })]
    if (logoutEndsSessions === 'sid' && sid !== undefined) return await this.#listed(ofSession)
    const known = sid === undefined ? undefined : await providerSessions.subjectOf({ issuer, sid })
    const owner = subject ?? known
    if (owner === undefined) return await this.#listed(ofSession)
    const ofOwner = [...ofSession, sessionsOpenedBy({ issuer, subject: owner })]
    if (logoutEndsSessions === 'sid') return await this.#listed(ofOwner)
    const user = await this.#userOf(issuer, owner)
    return await this.#listed(user === undefined ? ofOwner : [...ofOwner, user])
  }

  async #listed(lists: readonly string[]): Promise<Set<string>> {
    const found = await Promise.all(lists.map((list) => this.#dependencies.personSessions.of(list)))
    return new Set(found.flat().map(({ id }) => id))
  }

  /** Also revokes codes that the user's approvals have issued. */
  async #userOf(issuer: string, subject: string): Promise<string | undefined> {
    const { links, personSessions, registryUrl } = this.#dependencies
    const user = await links.userOf({ registry: registryUrl.origin, issuer, subject })
    if (user !== undefined) await personSessions.markRevocation(user)
    return user
  }
}
