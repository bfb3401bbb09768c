import type { Context } from 'koa'
import { registryEndpoint } from '../../core/quilt/registry-client.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { CODE_FAULTS, type CodeFault } from '../authorize/code-faults.ts'
import { SignInNotAccepted } from '../authorize/another-account.ts'
import { identify, noQuiltAccount, type IdentifyDependencies } from '../authorize/identify.ts'
import type { LoginAttempts } from '../authorize/login-attempts.ts'
import { beginIn, knownBrowsers, preferred, signInAt, signOutOthers } from '../browser/browser-at.ts'
import { formToken, isFormToken, type FormBinding } from '../browser/form-token.ts'
import { ADMIN_PAGE, ADMIN_PAGE_ANOTHER_ACCOUNT } from '../http/paths.ts'
import { seeOther } from '../http/see-other.ts'
import { RETRY_AFTER_SECONDS, SIGN_IN_SECONDS } from '../lifetimes.ts'
import type { RateLimits } from '../limits/limits.ts'
import { ShownError, Unavailable } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/parameters.ts'
import { ANOTHER_ACCOUNT } from '../pages/another-account.ts'
import { codePage } from '../pages/code-page.ts'
import { en } from '../pages/texts/en/en.ts'
import type { IdentityAssertion, IdentityProvider } from '../provider/identity-provider.ts'
import { CredentialRefused, type ObtainedCredential } from '../quilt/credential-source.ts'
import type { CredentialProvider } from '../quilt/credential-provider.ts'
import type { Logouts } from '../quilt/logouts.ts'
import { readQuiltCode } from '../quilt/quilt-code.ts'
import type { Person } from '../../core/sessions/session.ts'
import type { Browser } from '../store/browser-store.ts'
import { requireAdministrator, type Administrator, type AdministratorDependencies } from './administrator.ts'

export interface AdminSignInDependencies extends AdministratorDependencies, IdentifyDependencies {
  readonly ring: KeyRing
  readonly origin: string
  readonly provider: CredentialProvider
  readonly loginAttempts: LoginAttempts
  readonly logouts: Logouts
  readonly limits: RateLimits
  readonly now: () => number
}

interface Opening {
  readonly browser: Browser
  readonly credential: ObtainedCredential
  /** At the identity provider; undefined without one. */
  readonly signIn: IdentityAssertion | undefined
}

/** Signs a user in to the administrators' page, with a Quilt credential of the configured source. */
export function adminSignIn(dependencies: AdminSignInDependencies) {
  const { provider, limits, logouts, now } = dependencies

  /** @returns the administrator; undefined if the response asks for a sign-in or a code */
  async function signIn(ctx: Context): Promise<Administrator | undefined> {
    await limits.takeUnknownUser(ctx)
    const { identityProvider } = provider
    const browser = preferred(await knownBrowsers(dependencies, ctx))
    const assertion = browser === undefined ? undefined : signInAt(browser, now())
    const choosesAccount = new URLSearchParams(ctx.querystring).get('account') === 'another'
    if (identityProvider !== undefined && (assertion === undefined || choosesAccount)) {
      await beginAttempt(ctx, identityProvider, choosesAccount)
      return undefined
    }
    if (provider.source === 'exchange' && browser !== undefined && assertion !== undefined) {
      const credential = await provider.credentials.obtain(assertion, now()).catch(refusedByQuilt)
      return await open(ctx, { browser, credential, signIn: assertion })
    }
    await limits.beginTransaction()
    showCodePage(ctx, await beginIn(dependencies, ctx), undefined)
    return undefined
  }

  async function beginAttempt(
    ctx: Context,
    identityProvider: IdentityProvider,
    choosesAccount: boolean,
  ): Promise<void> {
    await limits.beginTransaction()
    const browser = await beginIn(dependencies, ctx)
    const purpose = { to: 'admin', browserId: browser.id } as const
    const asked = choosesAccount ? ({ prompt: 'select_account' } as const) : {}
    await dependencies.loginAttempts.beginAttempt(ctx, identityProvider, { browser, purpose, asked })
  }

  /** Answers the form with a pasted code. */
  async function answerCode(ctx: Context, form: Parameters): Promise<void> {
    const token = form.get('csrf_token') ?? ''
    const known = await knownBrowsers(dependencies, ctx)
    const browser = known.find((one) => isFormToken(dependencies.ring, token, codeForm(one)))
    if (ctx.get('Origin') !== dependencies.origin || browser === undefined) throw pageChanged()
    await limits.takeUnknownUser(ctx)
    const assertion = signInAt(browser, now())
    // The sign-in at the identity provider has expired: without it, any person's code would do.
    if (provider.identityProvider !== undefined && assertion === undefined) {
      seeOther(ctx, ADMIN_PAGE)
      return
    }
    if (form.get('decision') === ANOTHER_ACCOUNT) {
      seeOther(ctx, ADMIN_PAGE_ANOTHER_ACCOUNT)
      return
    }
    const credential = await redeem(ctx, form.get('quilt_code') ?? '')
    if ('text' in credential) {
      showCodePage(ctx, browser, credential)
      return
    }
    await open(ctx, { browser, credential, signIn: assertion })
    seeOther(ctx, ADMIN_PAGE)
  }

  /** Without an identity provider the code is the sign-in: the browser gets a new cookie. */
  async function signedIn(ctx: Context, { browser, signIn }: Opening, person: Person): Promise<Browser> {
    if (signIn !== undefined) return browser
    const { registryUrl, browsers, cookies } = dependencies
    const recognised = { issuer: registryUrl.origin, subject: person.name, email: person.email }
    await signOutOthers(dependencies, ctx, recognised)
    const renewed = await browsers.recognise(browser, { ...recognised, expiresAt: now() + SIGN_IN_SECONDS })
    cookies.write(ctx, renewed)
    return renewed
  }

  async function redeem(ctx: Context, pasted: string): Promise<ObtainedCredential | CodeFault> {
    const code = readQuiltCode(pasted)
    if (code === undefined || provider.source !== 'code') return CODE_FAULTS.noCode
    await limits.take(ctx, 'pastedCodes', undefined)
    const credential = await provider.credentials.obtain(code, now()).catch(faultOf)
    if (credential !== CODE_FAULTS.refused) await limits.giveBack(ctx, 'pastedCodes', undefined)
    return credential
  }

  function faultOf(error: unknown): CodeFault {
    if (error instanceof CredentialRefused) {
      dependencies.log.info({ reason: error.reason }, 'registry: one-time code refused')
      recordRefusal('code_refused')
      return CODE_FAULTS.refused
    }
    if (!(error instanceof Unavailable)) throw error
    dependencies.log.error({ reason: describeError(error) }, 'registry: one-time code check failed')
    return CODE_FAULTS.unavailable
  }

  /** Keeps the credential if it is an administrator's, and else logs it out. @throws ShownError 403; Unavailable */
  async function open(ctx: Context, opening: Opening): Promise<Administrator> {
    const { credential } = opening
    const person = await ownerOf(opening).catch((error: unknown) => {
      logouts.begin(credential.token)
      throw error instanceof SignInNotAccepted ? notAccepted(error) : error
    })
    const { browser, session } = await begin(ctx, opening, person)
    const user = await requireAdministrator(dependencies, { browser, session })
    const { name, email } = user
    dependencies.audit.record({ name: 'AdministrationOpened', by: 'administrator', person: { name, email } })
    return { browser, user, session }
  }

  async function begin(
    ctx: Context,
    opening: Opening,
    person: Person,
  ): Promise<Pick<Administrator, 'browser' | 'session'>> {
    try {
      const browser = await signedIn(ctx, opening, person)
      return { browser, session: await dependencies.adminSessions.begin(browser, opening.credential) }
    } catch (error) {
      logouts.begin(opening.credential.token)
      throw error
    }
  }

  async function ownerOf({ credential, signIn }: Opening): Promise<Person> {
    const identified = await identify(dependencies, credential, signIn).catch(refusedByQuilt)
    if (identified.is === 'another_email') throw noQuiltAccount()
    return identified.person
  }

  function showCodePage(ctx: Context, browser: Browser, fault: CodeFault | undefined): void {
    ctx.status = fault?.status ?? 200
    if (ctx.status === 503) ctx.set('Retry-After', String(RETRY_AFTER_SECONDS))
    ctx.type = 'html'
    ctx.body = codePage({
      action: ADMIN_PAGE,
      csrfToken: formToken(dependencies.ring, codeForm(browser)),
      purpose: 'admin',
      clientName: undefined,
      host: new URL(dependencies.origin).host,
      loginUrl: registryEndpoint(dependencies.registryUrl, 'login').href,
      email: signInAt(browser, now())?.email,
      fault: fault?.text,
    })
  }

  function refusedByQuilt(error: unknown): never {
    if (!(error instanceof CredentialRefused)) throw error
    dependencies.log.warn({ reason: error.reason }, 'registry: sign-in not accepted')
    recordRefusal('not_accepted_by_quilt')
    throw notAccepted(noQuiltAccount())
  }

  function recordRefusal(reason: string): void {
    dependencies.audit.record({ name: 'AdministrationOpened', by: 'user', isSuccess: false, reason })
  }

  return { signIn, answerCode }
}

function notAccepted({ explanation }: SignInNotAccepted): ShownError {
  const link = { href: ADMIN_PAGE_ANOTHER_ACCOUNT, text: en.links.anotherAccount }
  return new ShownError(explanation, { status: 403, link })
}

export function pageChanged(): ShownError {
  const link = { href: ADMIN_PAGE, text: en.admin.back }
  return new ShownError(en.errors.adminChanged, { status: 403, link })
}

function codeForm({ id }: Browser): FormBinding {
  return { page: 'admin code', bound: [id] }
}
