import type { Context } from 'koa'
import type { Audit } from '../../core/audit/audit-entry.ts'
import { randomSecret } from '../../core/keys/hash.ts'
import type { EgressRange } from '../../core/network/egress-ranges.ts'
import type { OpenedFrom } from '../../core/sessions/session-details.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Person } from '../../core/sessions/session.ts'
import { aboutRequest } from '../audit/about-request.ts'
import { deviceOf } from '../consent/device.ts'
import type { Grant } from '../consent/offer.ts'
import { clientAddress, networkOf } from '../limits/client-network.ts'
import { CODE_SECONDS, UNUSED_MARGIN_SECONDS } from '../lifetimes.ts'
import { providerSessionOf } from '../provider/signed-in.ts'
import { CredentialRefused, type ObtainedCredential } from '../quilt/credential-source.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { UnusedCredentials } from '../quilt/unused-credentials.ts'
import type { CodeStore } from '../store/code-store.ts'
import type { HeldStore } from '../store/held-store.ts'
import type { Transaction } from '../store/transaction-store.ts'
import type { PersonSessions } from '../store/person-sessions.ts'
import { revocationMarkers } from '../store/revocation-markers.ts'
import { SignInNotAccepted, withAcceptedSignIn, type AnotherAccountDependencies } from './another-account.ts'
import type { EarlierConsents } from './earlier-consents.ts'
import { identify, noQuiltAccount, type IdentifyDependencies } from './identify.ts'
import type { AskStep, CredentialToObtain } from './next-step.ts'
import type { OpenTransaction } from './open-transaction.ts'

interface CodeIssuerDependencies extends IdentifyDependencies, AnotherAccountDependencies {
  readonly codes: CodeStore
  readonly held: HeldStore
  readonly sessions: SessionStore
  readonly personSessions: PersonSessions
  readonly egressRanges: readonly EgressRange[]
  readonly earlierConsents: EarlierConsents
  readonly unused: UnusedCredentials
  readonly audit: Audit
  readonly logouts: Logouts
  readonly now: () => number
}

interface Approved {
  readonly step: AskStep
  readonly grant: Grant
}

interface IssuedCode {
  readonly code: string
  /** To be called once this code is the transaction's answer. */
  readonly whenFirst: () => Promise<void>
}

/** A credential and the id of its future session. */
interface SessionCredential {
  readonly sessionId: string
  readonly credential: ObtainedCredential
}

export class CodeIssuer {
  readonly #dependencies: CodeIssuerDependencies

  constructor(dependencies: CodeIssuerDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws ShownError if Quilt does not accept the sign-in */
  async issueCode(ctx: Context, opened: OpenTransaction, approved: Approved): Promise<IssuedCode> {
    return await withAcceptedSignIn(this.#dependencies, { ctx, opened }, () =>
      this.#issue(ctx, opened, approved),
    )
  }

  async #issue(ctx: Context, opened: OpenTransaction, { step, grant }: Approved): Promise<IssuedCode> {
    const { codes, browsers, earlierConsents, audit, now } = this.#dependencies
    const { from } = step
    const { sessionId, credential } = 'held' in from ? from.held : await this.#obtain(from)
    const person = await this.#userOf(opened, credential, from.signIn)
    const { transaction, browser } = opened
    // A skipped consent carries no marker: any revocation since then must refuse it.
    const takenBack = grant.skipsConsent === true ? '' : await this.#revocationMarkers(person)
    const code = await codes.issue(
      {
        sessionId,
        person,
        clientId: transaction.clientId,
        clientName: transaction.clientName,
        redirectUri: transaction.redirectUri,
        codeChallenge: transaction.codeChallenge,
        service: transaction.service,
        scope: transaction.scope,
        access: grant.access,
        openedFrom: this.#openedFrom(ctx, transaction),
        approvedAt: now(),
        endsAt: grant.endsAt,
        ...(takenBack === '' ? {} : { takenBack }),
        ...(from.signIn === undefined ? {} : { signIn: providerSessionOf(from.signIn) }),
      },
      credential,
    )
    return {
      code,
      async whenFirst() {
        audit.record({
          name: 'ConsentGiven',
          by: 'user',
          ...aboutRequest(transaction, { person, access: grant.access, sessionId }),
          details: { endsAt: grant.endsAt, isAsked: grant.skipsConsent !== true },
        })
        await earlierConsents.remember(transaction, step.person, { ...grant, sessionId })
        // Two sessions must not share a refresh token that the identity provider rotates.
        if (credential.renewWith?.by === 'identity_provider') await browsers.forgetSignIn(browser)
      },
    }
  }

  #openedFrom(ctx: Context, { clientKnownBy: knownBy }: Transaction): OpenedFrom {
    const address = clientAddress(ctx)
    const network = address === undefined ? '' : networkOf(address, this.#dependencies.egressRanges)
    return { knownBy, device: deviceOf(ctx.get('User-Agent')), network }
  }

  async #revocationMarkers(person: Person): Promise<string> {
    const { personSessions, registryUrl } = this.#dependencies
    return (await revocationMarkers(personSessions, registryUrl.origin, person)).join(' ')
  }

  async #obtain({ signIn, credentials }: CredentialToObtain): Promise<SessionCredential> {
    const { unused, sessions, now } = this.#dependencies
    const sessionId = randomSecret()
    const credential = await credentials.obtain(signIn, now()).catch((error: unknown) => {
      throw error instanceof CredentialRefused ? this.#notAccepted(error.reason) : error
    })
    unused.watch({
      token: credential.token,
      seconds: CODE_SECONDS + UNUSED_MARGIN_SECONDS,
      isInUse: async () => (await sessions.find(sessionId)) !== undefined,
    })
    return { sessionId, credential }
  }

  /** @throws SignInNotAccepted if the credential is not the signed-in user's; it is logged out then */
  async #userOf(
    opened: OpenTransaction,
    credential: ObtainedCredential,
    signIn: AskStep['from']['signIn'],
  ): Promise<Person> {
    try {
      const identified = await identify(this.#dependencies, credential, signIn)
      if (identified.is === 'the_user') return identified.person
      throw this.#notAccepted('another e-mail address')
    } catch (error) {
      if (!(error instanceof CredentialRefused || error instanceof SignInNotAccepted)) throw error
      this.#dependencies.logouts.begin(credential.token)
      await this.#dependencies.held.forget(opened.id)
      throw error instanceof CredentialRefused ? this.#notAccepted(error.reason) : error
    }
  }

  #notAccepted(reason: string): SignInNotAccepted {
    const { audit, log } = this.#dependencies
    log.warn({ reason }, 'registry: sign-in not accepted')
    audit.record({ name: 'SignIn', isSuccess: false, reason: 'not_accepted_by_quilt', by: 'user' })
    return noQuiltAccount()
  }
}
