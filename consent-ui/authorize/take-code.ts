import type { Context } from 'koa'
import { randomSecret } from '../../core/keys/hash.ts'
import type { Log } from '../../core/log/log.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { BrowserCookies, OpenTransaction } from '../browser/browser-cookie.ts'
import type { RateLimits } from '../limits/limits.ts'
import { CODE_SECONDS, TRANSACTION_SECONDS, UNUSED_MARGIN_SECONDS } from '../lifetimes.ts'
import { describeError } from '../../core/log/describe-error.ts'
import { Unavailable } from '../oauth/errors.ts'
import { readQuiltCode } from '../quilt/quilt-code.ts'
import { CredentialRefused, type ObtainedCredential } from '../quilt/credential-source.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { UnusedCredentials } from '../quilt/unused-credentials.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { BrowserStore } from '../store/browser-store.ts'
import type { Held, HeldStore } from '../store/held-store.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import { signOutOthers } from '../browser/browser-at.ts'
import { withAcceptedSignIn } from './another-account.ts'
import { CODE_FAULTS, type CodeFault } from './code-faults.ts'
import { identify, type IdentifyParts } from './identify.ts'
import type { PasteCodeStep } from './next-step.ts'
import { anotherLink, anotherSubject } from './not-accepted.ts'

export interface TakeCodeParts extends IdentifyParts {
  readonly cookies: BrowserCookies
  readonly browsers: BrowserStore
  readonly transactions: TransactionStore
  readonly held: HeldStore
  readonly sessions: SessionStore
  readonly unused: UnusedCredentials
  readonly logouts: Logouts
  readonly limits: RateLimits
  readonly log: Log
  readonly now: () => number
}

/** A person has pasted a one-time code: what it gives is held until they have answered. */
export function takeCode(parts: TakeCodeParts) {
  const whoseIs = identify(parts)
  const accepted = withAcceptedSignIn(parts)

  /** @returns what was wrong with it; undefined when the credential is held now */
  return async function codePasted(
    ctx: Context,
    opened: OpenTransaction,
    [step, pasted]: readonly [PasteCodeStep, string],
  ): Promise<CodeFault | undefined> {
    const code = readQuiltCode(pasted)
    if (code === undefined) return CODE_FAULTS.noCode
    const { clientId } = opened.transaction
    await parts.limits.take(ctx, 'pastedCodes', clientId)
    const credential = await step.credentials.obtain(code, parts.now()).catch(faultOf)
    if (credential !== CODE_FAULTS.refused) await parts.limits.giveBack(ctx, 'pastedCodes', clientId)
    if ('text' in credential) return credential
    try {
      const proof = { credential, signIn: step.signIn }
      const fault = await accepted(ctx, opened, () => hold(ctx, opened, proof))
      if (fault !== undefined) parts.logouts.begin(credential.token)
      return fault
    } catch (error) {
      parts.logouts.begin(credential.token)
      throw error
    }
  }

  async function hold(
    ctx: Context,
    opened: OpenTransaction,
    { credential, signIn }: { credential: ObtainedCredential; signIn: PasteCodeStep['signIn'] },
  ): Promise<CodeFault | undefined> {
    const identified = await whoseIs(credential, signIn).catch(personFaultOf)
    if ('text' in identified) return identified
    if (identified.is === 'another_subject') throw anotherSubject(parts.log, identified.person)
    if (identified.is === 'another_link') throw anotherLink(parts.log)
    if (identified.is === 'another_email') {
      return CODE_FAULTS.anotherPerson({ belongsTo: identified.person.email, wanted: signIn?.email ?? '' })
    }
    const { name, email } = identified.person
    const person: SignedIn = signIn ?? { issuer: parts.registryUrl.origin, subject: name, email }
    const held = { sessionId: randomSecret(), credential, person: onlyNames(person) }
    await keep(signIn === undefined ? await renamed(ctx, opened, person) : opened, held)
    return undefined
  }

  /** The code is the sign-in: nobody who knew the cookie from before sees who it was (as after any sign-in). */
  async function renamed(ctx: Context, opened: OpenTransaction, person: SignedIn): Promise<OpenTransaction> {
    await signOutOthers(parts, ctx, person)
    const browser = await parts.browsers.rename(opened.browser)
    parts.cookies.write(ctx, browser)
    return { ...opened, browser }
  }

  async function keep(opened: OpenTransaction, held: Held): Promise<void> {
    const sealed = await parts.held.keep(opened, held)
    parts.unused.watch({
      token: held.credential.token,
      seconds: TRANSACTION_SECONDS + CODE_SECONDS + UNUSED_MARGIN_SECONDS,
      isInUse: async () => (await parts.sessions.find(held.sessionId)) !== undefined,
      withdraw: async () => {
        const isDecided = (await parts.transactions.answerOf(opened.id)) !== undefined
        return !isDecided && (await parts.held.drop(opened.id, sealed))
      },
    })
  }

  function faultOf(error: unknown): CodeFault {
    if (error instanceof CredentialRefused) {
      parts.log.info({ reason: error.reason }, 'registry: one-time code refused')
      return CODE_FAULTS.refused
    }
    return unavailable(error)
  }

  function personFaultOf(error: unknown): CodeFault {
    if (error instanceof CredentialRefused) {
      parts.log.warn({ reason: error.reason }, 'registry: sign-in not accepted')
      return CODE_FAULTS.inactive
    }
    return unavailable(error)
  }

  function unavailable(error: unknown): CodeFault {
    if (!(error instanceof Unavailable)) throw error
    parts.log.error({ reason: describeError(error) }, 'registry: a one-time code could not be checked')
    return CODE_FAULTS.unavailable
  }
}

/** An ID token has no business here. */
function onlyNames({ issuer, subject, email }: SignedIn): SignedIn {
  return { issuer, subject, email }
}
