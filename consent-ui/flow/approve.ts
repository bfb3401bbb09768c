import { randomSecret } from '../../core/hash.ts'
import type { Log } from '../../core/log.ts'
import type { Person } from '../../core/session.ts'
import type { SessionStore } from '../../core/session-store.ts'
import type { OpenTransaction } from '../browser-cookie.ts'
import { CODE_SECONDS, UNUSED_MARGIN_SECONDS } from '../lifetimes.ts'
import type { ShownError } from '../oauth/errors.ts'
import { CredentialRefused, type ObtainedCredential } from '../quilt/credential-source.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { UnusedCredentials } from '../quilt/unused-credentials.ts'
import type { BrowserStore } from '../store/browser-store.ts'
import type { CodeStore } from '../store/code-store.ts'
import type { HeldStore } from '../store/held-store.ts'
import { identify, type IdentifyParts } from './identify.ts'
import type { AskStep, ToBeObtained } from './next-step.ts'
import { anotherLink, noQuiltAccount } from './not-accepted.ts'

export interface ApproveParts extends IdentifyParts {
  readonly browsers: BrowserStore
  readonly codes: CodeStore
  readonly held: HeldStore
  readonly sessions: SessionStore
  readonly unused: UnusedCredentials
  readonly logouts: Logouts
  readonly now: () => number
  readonly log: Log
}

/** A credential with the session that is to have it. */
interface Prospect {
  readonly sessionId: string
  readonly credential: ObtainedCredential
}

/** The person has pressed Continue: obtains their Quilt credential, checks it, and issues the code that stands for it. */
export function approve(parts: ApproveParts) {
  const whoseIs = identify(parts)

  return async function issueCode(opened: OpenTransaction, { from }: AskStep): Promise<string> {
    const prospect = 'held' in from ? from.held : await obtain(from)
    const person = await personOf(opened, prospect, from.signIn)
    const { transaction } = opened
    const code = await parts.codes.issue(
      {
        sessionId: prospect.sessionId,
        person,
        clientId: transaction.clientId,
        clientName: transaction.clientName,
        redirectUri: transaction.redirectUri,
        codeChallenge: transaction.codeChallenge,
        service: transaction.service,
        scope: transaction.scope,
        access: 'full',
        approvedAt: parts.now(),
      },
      prospect.credential,
    )
    // A refresh token that two sessions share would be used up by one of them, where it is rotated.
    if (prospect.credential.renewWith?.by === 'identity_provider') {
      await parts.browsers.forgetSignIn(opened.browser)
    }
    return code
  }

  async function obtain({ signIn, credentials }: ToBeObtained): Promise<Prospect> {
    const sessionId = randomSecret()
    const credential = await credentials.obtain(signIn, parts.now()).catch((error: unknown) => {
      if (!(error instanceof CredentialRefused)) throw error
      throw refused(error.reason)
    })
    parts.unused.watch({
      token: credential.token,
      seconds: CODE_SECONDS + UNUSED_MARGIN_SECONDS,
      isInUse: async () => (await parts.sessions.find(sessionId)) !== undefined,
    })
    return { sessionId, credential }
  }

  /** @throws ShownError for whoever is not, or not any more, who signed in; the credential is logged out then */
  async function personOf(
    opened: OpenTransaction,
    { credential }: Prospect,
    signIn: AskStep['from']['signIn'],
  ): Promise<Person> {
    const identified = await whoseIs(credential, signIn).catch((error: unknown) => {
      if (!(error instanceof CredentialRefused)) throw error
      return error
    })
    if (!(identified instanceof CredentialRefused) && identified.is === 'the_person') return identified.person
    parts.logouts.begin(credential.token)
    await parts.held.forget(opened.id)
    if (identified instanceof CredentialRefused) throw refused(identified.reason)
    if (identified.is === 'another_link') throw anotherLink(parts.log)
    throw refused('another e-mail address')
  }

  function refused(reason: string): ShownError {
    parts.log.warn({ reason }, 'the Registry did not accept a sign-in')
    return noQuiltAccount()
  }
}
