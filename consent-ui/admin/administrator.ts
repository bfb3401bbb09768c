import type { Context } from 'koa'
import type { Audit } from '../../core/audit/audit-entry.ts'
import type { Log } from '../../core/log/log.ts'
import { knownBrowsers, type BrowserDependencies } from '../browser/browser-at.ts'
import { ADMIN_PAGE_ANOTHER_ACCOUNT } from '../http/paths.ts'
import { ShownError } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'
import type { CredentialProvider } from '../quilt/credential-provider.ts'
import type { AskQuiltUser, QuiltUser } from '../quilt/administrators.ts'
import type { AdminSession, AdminSessions } from '../sessions/admin-sessions.ts'
import type { Browser } from '../store/browser-store.ts'

export interface AdministratorDependencies extends BrowserDependencies {
  readonly provider: CredentialProvider
  readonly adminSessions: AdminSessions
  readonly askQuiltUser: AskQuiltUser
  readonly audit: Audit
  readonly log: Log
}

/** An administrator, as the Registry says at this request. */
export interface Administrator {
  readonly browser: Browser
  readonly user: QuiltUser
  readonly session: AdminSession
}

/** Finds who is signed in to the administrators' page, and asks the Registry about them at each request. */
export function administratorAt(dependencies: AdministratorDependencies) {
  const { adminSessions, browsers, cookies, provider } = dependencies

  /** @throws ShownError 403 if they are no administrator now; Unavailable */
  return async function findAdministrator(ctx: Context): Promise<Administrator | undefined> {
    for (const browser of await knownBrowsers(dependencies, ctx)) {
      const session = await adminSessions.find(browser)
      if (session === undefined) continue
      // The identity provider has ended the sign-in, or the administrator chose another account.
      if (provider.identityProvider !== undefined && browser.signIn === undefined) {
        await adminSessions.end(browser)
        continue
      }
      const user = await requireAdministrator(dependencies, { browser, session })
      await browsers.prolong(browser)
      cookies.write(ctx, browser)
      return { browser, user, session }
    }
    return undefined
  }
}

/** Ends the session of a user who is no administrator. @throws ShownError 403; Unavailable, and the session stays */
export async function requireAdministrator(
  { adminSessions, askQuiltUser, audit, log }: AdministratorDependencies,
  { browser, session }: { readonly browser: Browser; readonly session: AdminSession },
): Promise<QuiltUser> {
  const user = await askQuiltUser(session.token)
  if (user?.isAdmin === true) return user
  const person = user === undefined ? undefined : { name: user.name, email: user.email }
  const reason = user === undefined ? 'credential_refused' : 'not_an_administrator'
  log.warn({ person: user?.name, reason }, 'administration refused')
  audit.record({ name: 'AdministrationOpened', by: 'user', isSuccess: false, reason, person })
  await adminSessions.end(browser)
  const link = { href: ADMIN_PAGE_ANOTHER_ACCOUNT, text: en.links.anotherAccount }
  throw new ShownError(en.errors.adminOnly, { status: 403, link })
}
