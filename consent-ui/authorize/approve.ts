import type { Context } from 'koa'
import { randomSecret } from '../../core/keys/hash.ts'
import type { Log } from '../../core/log/log.ts'
import type { Person } from '../../core/sessions/session.ts'
import type { OpenTransaction } from '../browser/browser-cookie.ts'
import { leadsToWebsite } from '../consent/unasked.ts'
import type { Grant } from '../consent/offer.ts'
import { CODE_SECONDS, UNUSED_MARGIN_SECONDS } from '../lifetimes.ts'
import { CredentialRefused, type ObtainedCredential } from '../quilt/credential-source.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { UnusedCredentials } from '../quilt/unused-credentials.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { CodeStore } from '../store/code-store.ts'
import type { GivenConsent } from '../store/consent-store.ts'
import type { HeldStore } from '../store/held-store.ts'
import { quiltUser } from '../store/link-store.ts'
import type { Transaction } from '../store/transaction-store.ts'
import { withAcceptedSignIn, type AnotherAccountParts, type SignInNotAccepted } from './another-account.ts'
import { questionOf, type EarlierConsentParts } from './earlier-consent.ts'
import { identify, type IdentifyParts } from './identify.ts'
import type { AskStep, ToBeObtained } from './next-step.ts'
import { anotherLink, anotherSubject, noQuiltAccount } from './not-accepted.ts'

export interface ApproveParts extends IdentifyParts, EarlierConsentParts, AnotherAccountParts {
  readonly codes: CodeStore
  readonly held: HeldStore
  readonly unused: UnusedCredentials
  readonly logouts: Logouts
  readonly log: Log
}

/** What the person agreed to. */
export interface Agreed {
  readonly step: AskStep
  readonly grant: Grant
}

/** A code, and what is done once it is the answer that stands. */
interface Issued {
  readonly code: string
  readonly whenFirst: () => Promise<void>
}

/** A credential with the session that is to have it. */
interface Prospect {
  readonly sessionId: string
  readonly credential: ObtainedCredential
}

/** The person agrees: obtains their Quilt credential, checks it, and issues the code that stands for what they granted. */
export function approve(parts: ApproveParts) {
  const whoseIs = identify(parts)
  const accepted = withAcceptedSignIn(parts)

  /** @throws ShownError for a sign-in that Quilt does not accept */
  return async function issueCode(ctx: Context, opened: OpenTransaction, agreed: Agreed): Promise<Issued> {
    return await accepted(ctx, opened, () => issue(opened, agreed))
  }

  async function issue(
    opened: OpenTransaction,
    { step: { from, person: signedIn }, grant }: Agreed,
  ): Promise<Issued> {
    const prospect = 'held' in from ? from.held : await obtain(from)
    const person = await personOf(opened, prospect, from.signIn)
    const { transaction } = opened
    const takenBack = grant.isUnasked === true ? undefined : await lastTakenBack(person)
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
        access: grant.access,
        approvedAt: parts.now(),
        endsAt: grant.endsAt,
        ...(takenBack === undefined ? {} : { takenBack }),
      },
      prospect.credential,
    )
    return {
      code,
      async whenFirst() {
        await remember(transaction, signedIn, { ...grant, sessionId: prospect.sessionId })
        // A refresh token that two sessions share would be used up by one of them, where it is rotated.
        if (prospect.credential.renewWith?.by === 'identity_provider') {
          await parts.browsers.forgetSignIn(opened.browser)
        }
      },
    }
  }

  /** What stands on an earlier answer knew of none, and has no standing after one in between. */
  async function lastTakenBack({ name }: Person): Promise<string | undefined> {
    return await parts.personSessions.lastTakenBack(quiltUser({ registry: parts.registryUrl.origin, name }))
  }

  /** Whether it counts, whoever looks for it decides; here all is kept that could. */
  async function remember(transaction: Transaction, person: SignedIn, given: GivenConsent): Promise<void> {
    if (!leadsToWebsite(transaction.redirectUri)) return
    await parts.consents.remember(questionOf(parts, transaction, person), given, parts.now())
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

  /** @throws SignInNotAccepted where the credential is not the signed-in person's; it is logged out then */
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
    if (identified.is === 'another_subject') throw anotherSubject(parts.log, identified.person)
    if (identified.is === 'another_link') throw anotherLink(parts.log)
    throw refused('another e-mail address')
  }

  function refused(reason: string): SignInNotAccepted {
    parts.log.warn({ reason }, 'registry: sign-in not accepted')
    return noQuiltAccount()
  }
}
