import Koa, { type Middleware } from 'koa'
import Router from 'koa-router'
import { keepRequestOrigin } from './audit/request-origin.ts'
import { requireAudit } from './audit/require-audit.ts'
import { act, askBeforeAction } from './admin/act.ts'
import { endUser, requireOffboarder } from './admin/end-user.ts'
import { answerAdminCode, showConnections } from './admin/show-connections.ts'
import { changeApps } from './apps/change-apps.ts'
import { showApps } from './apps/show-apps.ts'
import { askToSignOut, signOut } from './apps/sign-out.ts'
import { answerTransaction } from './authorize/answer-transaction.ts'
import { authorize } from './authorize/authorize.ts'
import { callbackByForm } from './authorize/form-post.ts'
import {
  authorizeForCatalog,
  requireCatalog,
  validateForCatalog,
} from './authorize/catalog/catalog-hand-off.ts'
import { finishSignIn } from './authorize/finish-sign-in.ts'
import { takeHandOff } from './authorize/catalog/take-hand-off.ts'
import { showTransaction } from './authorize/show-transaction.ts'
import { showCheckPage } from './check/connection-check.ts'
import type { Config } from './config/config.ts'
import { discovery } from './endpoints/discovery.ts'
import { register } from './endpoints/register.ts'
import { showHealth } from './endpoints/health.ts'
import { showHomePage, showNotFoundPage, showServicePage } from './endpoints/browser-pages.ts'
import { backchannelLogout, isGenuineLogout } from './logout/backchannel-logout.ts'
import { frontchannelLogout } from './logout/frontchannel-logout.ts'
import { catalogErrors, jsonErrors, pageErrors } from './http/error-boundary.ts'
import { answerHead } from './http/answer-head.ts'
import {
  ADMIN_ACTION_PAGE,
  ADMIN_PAGE,
  APPS_PAGE,
  BACKCHANNEL_LOGOUT,
  CHECK_PAGE,
  END_USER_ENDPOINT,
  FRONTCHANNEL_LOGOUT,
  HOME_PAGE,
  NOTICE_PAGE,
  SIGN_OUT_PAGE,
} from './http/paths.ts'
import { postOnly } from './http/post-only.ts'
import { requestContext } from './http/request-context.ts'
import { traceRequest } from './http/trace-request.ts'
import { refusePrefetch } from './http/refuse-prefetch.ts'
import { refuseStopped, refuseStoppedNow } from './http/refuse-stopped.ts'
import { formBody, jsonBody } from './http/request-body.ts'
import { endFromNotice, showNotice } from './notices/notice-endpoints.ts'
import { pageHeaders } from './http/security-headers.ts'
import { hasKnownCredential } from './token/has-known-credential.ts'
import { introspect, requireIntrospector } from './token/introspect.ts'
import { revoke } from './token/revoke.ts'
import { token } from './token/token.ts'
import { wire, type AppDependencies, type Wired } from './wire.ts'

const AUTHORIZATION = ['/connect/authorize', '/authorize']
const REGISTRATION = ['/auth/register', '/register']
const TOKEN = ['/auth/token', '/token']
const REVOCATION = ['/auth/revoke']
const INTROSPECTION = ['/auth/introspect']
const CATALOG_VALIDATION = '/api/connect/validate'
const CATALOG_AUTHORIZATION = '/api/connect/authorize'
const ENDPOINTS = [...REGISTRATION, ...TOKEN, ...REVOCATION]

/** Creates the application. The routes and their order are listed only here. */
export function createApp(config: Config, dependencies: AppDependencies): Koa {
  const wired = wire(config, dependencies)
  const router = new Router()
  router.get('/healthz', showHealth(wired.health))
  if (config.clients.allowedHosts.length > 0) connectRoutes(router, wired)

  const app = new Koa()
  app.on('error', (error: Error) => wired.log.error({ error: error.message }, 'response could not be sent'))
  app.use(requestContext())
  app.use(traceRequest())
  app.use(keepRequestOrigin())
  app.use(showNotFoundPage())
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}

/** Adds every endpoint. Without an allowed host no client may connect, so they are absent then. */
function connectRoutes(router: Router, wired: Wired): void {
  const shown: Middleware[] = [pageHeaders(), noStore(), pageErrors(wired.log)]
  const pages: Middleware[] = [...shown, answerHead(), refusePrefetch()]
  const endpoint: Middleware[] = [noStore(), jsonErrors(wired.log)]
  const { limits } = wired
  const audited = requireAudit(wired.audit)
  const { controls } = wired
  // Registration needs no Redis, and opens nothing.
  const runningAsKnown: Middleware[] = [refuseStopped(controls), audited]
  const running: Middleware[] = [refuseStoppedNow(controls), audited]
  const counted: Middleware[] = [...pages, limits.pages()]

  discovery(router, wired.discovery)
  router.get(AUTHORIZATION, ...pages, ...running, limits.authorizations(), authorize(wired))
  router.post(AUTHORIZATION, ...pages, ...running, formBody(), limits.authorizations(), authorize(wired))
  const { identityProvider } = wired.provider
  if (identityProvider !== undefined) {
    router.get('/connect/callback', ...counted, audited, finishSignIn(wired, identityProvider))
    router.post('/connect/callback', ...counted, formBody(), callbackByForm(wired.callbackUrl))
    router.get(FRONTCHANNEL_LOGOUT, ...counted, frontchannelLogout(wired, identityProvider))
  }
  const { providerKeys: keys } = wired
  if (identityProvider !== undefined && keys !== undefined) {
    const provider = { identityProvider, keys }
    const refusals = limits.failures(isGenuineLogout(wired, provider))
    const logout = backchannelLogout(wired, provider)
    router.post(BACKCHANNEL_LOGOUT, ...endpoint, formBody(), refusals, logout)
    router.all(BACKCHANNEL_LOGOUT, ...endpoint, postOnly())
  }
  router.get(APPS_PAGE, ...pages, showApps(wired))
  router.post(APPS_PAGE, ...pages, formBody(), changeApps(wired))
  router.get(SIGN_OUT_PAGE, ...pages, askToSignOut(wired))
  router.post(SIGN_OUT_PAGE, ...pages, formBody(), signOut(wired))
  adminRoutes(router, wired, { pages: [...pages, audited], endpoint: [...endpoint, audited] })
  if (wired.catalog !== undefined) catalogRoutes(router, wired, { pages: counted, running })
  router.get('/connect/authorize/:id', ...counted, ...running, showTransaction(wired))
  router.post('/connect/authorize/:id', ...counted, ...running, formBody(), answerTransaction(wired))
  const addressed: Middleware[] = [pageHeaders({ sendsNoReferrer: true }), noStore(), pageErrors(wired.log)]
  router.get(NOTICE_PAGE, ...addressed, answerHead(), refusePrefetch(), limits.pages(), showNotice(wired))
  router.post(NOTICE_PAGE, ...addressed, limits.pages(), formBody(), endFromNotice(wired))
  const connecting = pageHeaders({ connectSource: ["'self'"] })
  router.get(CHECK_PAGE, connecting, noStore(), answerHead(), showCheckPage(wired))
  router.get(HOME_PAGE, ...shown, showHomePage(wired, wired.services))
  for (const service of wired.services) {
    router.get([...service.paths], ...shown, showServicePage(wired, service))
  }
  router.post(
    REGISTRATION,
    ...endpoint,
    ...runningAsKnown,
    limits.registrations(),
    jsonBody(),
    register(wired),
  )
  const failures = limits.failures((ctx) => hasKnownCredential(wired, ctx))
  router.post(TOKEN, ...endpoint, ...running, formBody(), failures, token(wired))
  const revocation = revoke({ ...wired, authenticate: wired.authenticateToRevoke })
  router.post(REVOCATION, ...endpoint, formBody(), failures, revocation)
  if (wired.hasKeyFor('introspect')) {
    router.post(
      INTROSPECTION,
      ...endpoint,
      requireIntrospector(wired),
      ...running,
      formBody(),
      introspect(wired),
    )
    router.all(INTROSPECTION, ...endpoint, postOnly())
  }
  router.all(ENDPOINTS, ...endpoint, postOnly())
}

/** Administrators' page and API: absent unless the operator lets administrators, or a program, in. */
function adminRoutes(
  router: Router,
  wired: Wired,
  { pages, endpoint }: { readonly pages: readonly Middleware[]; readonly endpoint: readonly Middleware[] },
): void {
  if (wired.hasAdminPage) {
    router.get(ADMIN_PAGE, ...pages, showConnections(wired))
    router.post(ADMIN_PAGE, ...pages, formBody(), answerAdminCode(wired))
    router.get(ADMIN_ACTION_PAGE, ...pages, askBeforeAction(wired))
    router.post(ADMIN_ACTION_PAGE, ...pages, formBody(), act(wired))
  }
  if (wired.hasAdminPage || wired.hasKeyFor('end-user')) {
    router.post(END_USER_ENDPOINT, ...endpoint, requireOffboarder(wired), jsonBody(), endUser(wired))
    router.all(END_USER_ENDPOINT, ...endpoint, postOnly())
  }
}

/** The catalog hands over users who are signed in there. */
function catalogRoutes(
  router: Router,
  wired: Wired,
  { pages, running }: { readonly pages: readonly Middleware[]; readonly running: readonly Middleware[] },
): void {
  const { catalog = '', limits, log } = wired
  const endpoint: Middleware[] = [noStore(), catalogErrors(log), requireCatalog(catalog)]
  const before: Middleware[] = [...endpoint, ...running, limits.authorizations(), jsonBody()]
  router.post(CATALOG_VALIDATION, ...before, validateForCatalog(wired))
  router.post(CATALOG_AUTHORIZATION, ...before, authorizeForCatalog(wired))
  router.all([CATALOG_VALIDATION, CATALOG_AUTHORIZATION], ...endpoint, postOnly())
  router.get('/connect/authorize/:id', ...pages, ...running, takeHandOff({ ...wired, catalog }))
}

/** Every response belongs to one user, once (RFC 6749 section 5.1). */
function noStore(): Middleware {
  return async function noStoreHeaders(ctx, next) {
    ctx.set('Cache-Control', 'no-store')
    await next()
  }
}
