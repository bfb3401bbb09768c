import type { Context } from 'koa'
import type { Audit } from '../../core/audit/audit-entry.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { Log } from '../../core/log/log.ts'
import { registryEndpoint } from '../../core/quilt/registry-client.ts'
import { beginIn, knownBrowsers, type BrowserDependencies } from '../browser/browser-at.ts'
import { CODE_FAULTS, type CodeFault } from '../authorize/code-faults.ts'
import { formToken, isFormToken, type FormBinding } from '../browser/form-token.ts'
import { RETRY_AFTER_SECONDS, SIGN_IN_SECONDS } from '../lifetimes.ts'
import type { RateLimits } from '../limits/limits.ts'
import type { ConsentUiMetrics } from '../metrics/consent-ui-metrics.ts'
import { ShownError, Unavailable } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'
import type { Parameters } from '../oauth/parameters.ts'
import { codePage } from '../pages/code-page.ts'
import { APPS_PAGE } from '../http/paths.ts'
import { CredentialRefused, type CredentialSource } from '../quilt/credential-source.ts'
import type { Logouts } from '../quilt/logouts.ts'
import { readQuiltCode } from '../quilt/quilt-code.ts'
import type { Registry } from '../quilt/registry.ts'
import { seeOther } from '../http/see-other.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { Browser } from '../store/browser-store.ts'

export interface CodeSignInDependencies extends BrowserDependencies {
  readonly ring: KeyRing
  readonly origin: string
  readonly registryUrl: URL
  readonly registry: Registry
  readonly logouts: Logouts
  readonly limits: RateLimits
  readonly metrics: ConsentUiMetrics
  readonly audit: Audit
  readonly log: Log
  readonly now: () => number
}

/** Sign-in to the apps page by one-time code, without an identity provider. Its credential is logged out at once. */
export function codeSignIn(dependencies: CodeSignInDependencies) {
  async function ask(ctx: Context): Promise<void> {
    show(ctx, await beginIn(dependencies, ctx))
  }

  function show(ctx: Context, browser: Browser, fault?: CodeFault): void {
    ctx.status = fault?.status ?? 200
    if (ctx.status === 503) ctx.set('Retry-After', String(RETRY_AFTER_SECONDS))
    ctx.type = 'html'
    ctx.body = codePage({
      action: APPS_PAGE,
      csrfToken: formToken(dependencies.ring, formOf(browser)),
      clientName: undefined,
      host: new URL(dependencies.origin).host,
      loginUrl: registryEndpoint(dependencies.registryUrl, 'login').href,
      email: undefined,
      fault: fault?.text,
    })
  }

  async function answer(
    ctx: Context,
    form: Parameters,
    credentials: CredentialSource<string>,
  ): Promise<void> {
    const known = await knownBrowsers(dependencies, ctx)
    const token = form.get('csrf_token') ?? ''
    const browser = known.find((one) => isFormToken(dependencies.ring, token, formOf(one)))
    if (ctx.get('Origin') !== dependencies.origin || browser === undefined) {
      throw new ShownError(en.errors.codeFormChanged, {
        status: 403,
        link: { href: APPS_PAGE, text: en.links.startAgain },
      })
    }
    const person = await ownerOf(ctx, form.get('quilt_code') ?? '', credentials)
    dependencies.metrics.pastedCode('text' in person ? person.outcome : 'accepted')
    if ('text' in person) {
      // Sets no cookie: on a double click, the first request may have signed in and set one.
      show(ctx, browser, person)
      return
    }
    dependencies.metrics.signIn('signed_in')
    const { issuer, email } = person
    dependencies.audit.record({ name: 'SignIn', by: 'user', person: { email }, details: { issuer } })
    const recognised = { ...person, expiresAt: dependencies.now() + SIGN_IN_SECONDS }
    dependencies.cookies.write(ctx, await dependencies.browsers.recognise(browser, recognised))
    seeOther(ctx, APPS_PAGE)
  }

  async function ownerOf(
    ctx: Context,
    pasted: string,
    credentials: CredentialSource<string>,
  ): Promise<SignedIn | CodeFault> {
    const code = readQuiltCode(pasted)
    if (code === undefined) return CODE_FAULTS.noCode
    await dependencies.limits.take(ctx, 'pastedCodes', undefined)
    const credential = await credentials.obtain(code, dependencies.now()).catch(faultOr(CODE_FAULTS.refused))
    if (credential !== CODE_FAULTS.refused) await dependencies.limits.giveBack(ctx, 'pastedCodes', undefined)
    if ('text' in credential) return credential
    try {
      const { name, email } = await dependencies.registry.whoIs(credential)
      return { issuer: dependencies.registryUrl.origin, subject: name, email }
    } catch (error) {
      return faultOr(CODE_FAULTS.inactive)(error)
    } finally {
      dependencies.logouts.begin(credential.token)
    }
  }

  function faultOr(refused: CodeFault) {
    return function faultOf(error: unknown): CodeFault {
      if (error instanceof CredentialRefused) {
        dependencies.log.info({ reason: error.reason }, 'registry: one-time code refused')
        dependencies.audit.record({ name: 'SignIn', isSuccess: false, reason: 'code_refused', by: 'user' })
        return refused
      }
      if (!(error instanceof Unavailable)) throw error
      dependencies.log.error({ reason: describeError(error) }, 'registry: one-time code check failed')
      return CODE_FAULTS.unavailable
    }
  }

  return { ask, answer }
}

function formOf({ id }: Browser): FormBinding {
  return { page: 'apps code', bound: [id] }
}
