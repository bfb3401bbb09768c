import type { Context } from 'koa'
import type { Audit } from '../../core/audit/audit-entry.ts'
import { randomSecret } from '../../core/keys/hash.ts'
import { describeError } from '../../core/log/describe-error.ts'
import { signOutOthers } from '../browser/browser-at.ts'
import type { RateLimits } from '../limits/limits.ts'
import type { ConsentUiMetrics } from '../metrics/consent-ui-metrics.ts'
import { Unavailable } from '../oauth/errors.ts'
import { withoutTokens, type SignedIn } from '../provider/signed-in.ts'
import { CredentialRefused, type ObtainedCredential } from '../quilt/credential-source.ts'
import type { Logouts } from '../quilt/logouts.ts'
import { readQuiltCode } from '../quilt/quilt-code.ts'
import { withAcceptedSignIn, type AnotherAccountDependencies } from './another-account.ts'
import { CODE_FAULTS, type CodeFault } from './code-faults.ts'
import type { HeldCredentials } from './held-credentials.ts'
import { identify, type IdentifyDependencies } from './identify.ts'
import type { PasteCodeStep } from './next-step.ts'
import type { OpenTransaction } from './open-transaction.ts'

interface PastedCodesDependencies extends IdentifyDependencies, AnotherAccountDependencies {
  readonly heldCredentials: HeldCredentials
  readonly audit: Audit
  readonly logouts: Logouts
  readonly limits: RateLimits
  readonly metrics: ConsentUiMetrics
  readonly now: () => number
}

/** Exchanges pasted one-time codes for Quilt credentials, which are held until the user has decided. */
export class PastedCodes {
  readonly #dependencies: PastedCodesDependencies

  constructor(dependencies: PastedCodesDependencies) {
    this.#dependencies = dependencies
  }

  /** @returns why the code was refused; undefined if its credential is held now */
  async takeCode(
    ctx: Context,
    opened: OpenTransaction,
    { step, pasted }: { readonly step: PasteCodeStep; readonly pasted: string },
  ): Promise<CodeFault | undefined> {
    const { limits, logouts, now } = this.#dependencies
    const code = readQuiltCode(pasted)
    if (code === undefined) return CODE_FAULTS.noCode
    const { clientId } = opened.transaction
    await limits.take(ctx, 'pastedCodes', clientId)
    const credential = await step.credentials.obtain(code, now()).catch((error: unknown) => {
      return this.#codeFault(error)
    })
    if (credential !== CODE_FAULTS.refused) await limits.giveBack(ctx, 'pastedCodes', clientId)
    if ('text' in credential) return credential
    try {
      const fault = await withAcceptedSignIn(this.#dependencies, { ctx, opened }, () =>
        this.#hold(ctx, opened, { credential, signIn: step.signIn }),
      )
      if (fault !== undefined) logouts.begin(credential.token)
      return fault
    } catch (error) {
      logouts.begin(credential.token)
      throw error
    }
  }

  async #hold(
    ctx: Context,
    opened: OpenTransaction,
    { credential, signIn }: { credential: ObtainedCredential; signIn: PasteCodeStep['signIn'] },
  ): Promise<CodeFault | undefined> {
    const identified = await identify(this.#dependencies, credential, signIn).catch((error: unknown) => {
      return this.#userFault(error)
    })
    if ('text' in identified) return identified
    const { name, email } = identified.person
    if (identified.is === 'another_email') {
      return CODE_FAULTS.anotherPerson({ belongsTo: email, wanted: signIn?.email ?? '' })
    }
    const person = signIn ?? { issuer: this.#dependencies.registryUrl.origin, subject: name, email }
    const held = { sessionId: randomSecret(), credential, person: withoutTokens(person) }
    if (signIn === undefined) this.#dependencies.metrics.signIn('signed_in')
    const holder = signIn === undefined ? await this.#renewCookie(ctx, opened, person) : opened
    await this.#dependencies.heldCredentials.keep(holder, held)
    return undefined
  }

  /** A code without an identity provider is the sign-in: the browser gets a new cookie, as after any sign-in. */
  async #renewCookie(ctx: Context, opened: OpenTransaction, person: SignedIn): Promise<OpenTransaction> {
    const { browsers, cookies, audit } = this.#dependencies
    await signOutOthers(this.#dependencies, ctx, person)
    const browser = await browsers.renewCookie(opened.browser)
    cookies.write(ctx, browser)
    const { issuer, email } = person
    audit.record({ name: 'SignIn', by: 'user', person: { email }, details: { issuer } })
    return { ...opened, browser }
  }

  #codeFault(error: unknown): CodeFault {
    if (!(error instanceof CredentialRefused)) return this.#unavailable(error)
    const { audit, log } = this.#dependencies
    log.info({ reason: error.reason }, 'registry: one-time code refused')
    audit.record({ name: 'SignIn', isSuccess: false, reason: 'code_refused', by: 'user' })
    return CODE_FAULTS.refused
  }

  #userFault(error: unknown): CodeFault {
    if (!(error instanceof CredentialRefused)) return this.#unavailable(error)
    const { audit, log } = this.#dependencies
    log.warn({ reason: error.reason }, 'registry: sign-in not accepted')
    audit.record({ name: 'SignIn', isSuccess: false, reason: 'not_accepted_by_quilt', by: 'user' })
    return CODE_FAULTS.inactive
  }

  #unavailable(error: unknown): CodeFault {
    if (!(error instanceof Unavailable)) throw error
    this.#dependencies.log.error({ reason: describeError(error) }, 'registry: one-time code not checked')
    return CODE_FAULTS.unavailable
  }
}
