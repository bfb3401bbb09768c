import Koa, { type Middleware } from 'koa'
import Router from 'koa-router'
import type { Log } from '../core/log/log.ts'
import type { Store } from '../core/store/redis.ts'
import type { Service } from '../core/services/service.ts'
import { SessionStore } from '../core/sessions/session-store.ts'
import { signedFor } from '../core/keys/signing-mark.ts'
import { verificationKeys } from '../core/tokens/verification-keys.ts'
import { changeApps } from './apps/change-apps.ts'
import { showApps } from './apps/show-apps.ts'
import { askToSignOut, signOut } from './apps/sign-out.ts'
import type { BackgroundWork } from './http/background-work.ts'
import { browserCookies } from './browser/browser-cookie.ts'
import { createClients } from './clients/create-clients.ts'
import type { Reach } from './clients/fetch-json.ts'
import type { Config } from './config/config.ts'
import { jsonErrors, pageErrors } from './http/error-boundary.ts'
import { answerTransaction } from './authorize/answer-transaction.ts'
import { authorize } from './authorize/authorize.ts'
import { discovery } from './endpoints/discovery.ts'
import { knownCredential } from './token/known-credential.ts'
import { register } from './endpoints/register.ts'
import { revoke } from './token/revoke.ts'
import { showHomePage, showNotFoundPage, showServicePage } from './endpoints/browser-pages.ts'
import { finishSignIn } from './authorize/sign-in.ts'
import { token } from './token/token.ts'
import { showTransaction } from './authorize/transaction.ts'
import { answerHead } from './http/answer-head.ts'
import { publicKeySet, signingKey } from './keys/signing-keys.ts'
import { refusePrefetch } from './http/refuse-prefetch.ts'
import { RateLimiter } from './limits/rate-limiter.ts'
import { RateLimits } from './limits/limits.ts'
import { resourceLookup } from './oauth/resource.ts'
import { APPS_PAGE, HOME_PAGE, SIGN_OUT_PAGE } from './http/paths.ts'
import { createCredentialProvider } from './quilt/credential-provider.ts'
import type { Logouts } from './quilt/logouts.ts'
import { createRegistry } from './quilt/registry.ts'
import type { UnusedCredentials } from './quilt/unused-credentials.ts'
import { postOnly } from './http/post-only.ts'
import type { RecordAlarms } from './metrics/record-alarms.ts'
import type { ReplayAlarms } from './metrics/replay-alarms.ts'
import { formBody, jsonBody } from './http/request-body.ts'
import { pageHeaders } from './http/security-headers.ts'
import type { SessionEnder } from './sessions/session-ender.ts'
import { AssertionStore } from './store/assertion-store.ts'
import { BrowserStore } from './store/browser-store.ts'
import { CodeStore } from './store/code-store.ts'
import { ConsentStore } from './store/consent-store.ts'
import { ContestedSessions } from './store/contested-sessions.ts'
import { HeldStore } from './store/held-store.ts'
import { LinkStore } from './store/link-store.ts'
import { PersonSessions } from './store/person-sessions.ts'
import { RenewalFailureStore } from './store/renewal-failures.ts'
import { SignedRecords } from './store/signed-records.ts'
import { TransactionStore } from './store/transaction-store.ts'
import { VisitStore } from './store/visit-store.ts'

export interface Dependencies {
  readonly store: Store
  readonly ender: SessionEnder
  readonly logouts: Logouts
  readonly unused: UnusedCredentials
  readonly inBackground: BackgroundWork
  readonly alarms: ReplayAlarms
  readonly recordAlarms: RecordAlarms
  readonly services: readonly Service[]
  readonly log: Log
  /** For fetching client documents; the public network by default. */
  readonly reach?: Reach
  /** Seconds since 1970. */
  readonly now: () => number
}

const AUTHORIZATION = ['/connect/authorize', '/authorize']
const REGISTRATION = ['/auth/register', '/register']
const TOKEN = ['/auth/token', '/token']
const REVOCATION = ['/auth/revoke']
const ENDPOINTS = [...REGISTRATION, ...TOKEN, ...REVOCATION]

/** Creates the application. All routes and their order are here. */
export function createApp(config: Config, dependencies: Dependencies): Koa {
  const parts = wire(config, dependencies)
  const router = new Router()
  router.get('/healthz', (ctx) => {
    ctx.body = 'ok'
  })
  if (config.clients.allowedHosts.length > 0) connectRoutes(router, parts)

  const app = new Koa()
  app.on('error', (error: Error) => parts.log.error({ error: error.message }, 'response could not be sent'))
  app.use(showNotFoundPage())
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}

/** Every endpoint of Connect. They are absent if `CONNECT_ALLOWED_HOSTS` is empty. */
function connectRoutes(router: Router, parts: ReturnType<typeof wire>): void {
  const shown: Middleware[] = [pageHeaders(), noStore(), pageErrors(parts.log)]
  const pages: Middleware[] = [...shown, answerHead(), refusePrefetch()]
  const endpoint: Middleware[] = [noStore(), jsonErrors(parts.log)]
  const { limits } = parts
  const counted: Middleware[] = [...pages, limits.pages()]

  discovery(router, parts.discovery)
  router.get(AUTHORIZATION, ...pages, limits.authorizations(), authorize(parts))
  router.post(AUTHORIZATION, ...pages, formBody(), limits.authorizations(), authorize(parts))
  const { identityProvider } = parts.provider
  if (identityProvider !== undefined) {
    router.get('/connect/callback', ...counted, finishSignIn(parts, identityProvider))
  }
  router.get(APPS_PAGE, ...pages, showApps(parts))
  router.post(APPS_PAGE, ...pages, formBody(), changeApps(parts))
  router.get(SIGN_OUT_PAGE, ...pages, askToSignOut(parts))
  router.post(SIGN_OUT_PAGE, ...pages, formBody(), signOut(parts))
  router.get('/connect/authorize/:id', ...counted, showTransaction(parts))
  router.post('/connect/authorize/:id', ...counted, formBody(), answerTransaction(parts))
  router.get(HOME_PAGE, ...shown, showHomePage(parts.services))
  for (const service of parts.services) {
    router.get([...service.paths], ...shown, showServicePage(parts, service))
  }
  router.post(REGISTRATION, ...endpoint, limits.registrations(), jsonBody(), register(parts))
  const failures = limits.failures(knownCredential(parts))
  router.post(TOKEN, ...endpoint, formBody(), failures, token(parts))
  router.post(REVOCATION, ...endpoint, formBody(), failures, revoke(parts))
  router.all(ENDPOINTS, ...endpoint, postOnly())
}

function wire(config: Config, { store, ...dependencies }: Dependencies) {
  const { origin, issuer } = config
  const ring = config.sealingKeys
  const { keys } = publicKeySet(config.signingKeys)
  const sessions = new SessionStore(store)
  const { registryUrl, lifetimes, accessTokenSeconds, egressRanges } = config
  const { allowedHosts } = config.clients
  const callbackUrl = `${origin}/connect/callback`
  const { recordAlarms: alarms, now } = dependencies
  const records = new SignedRecords({ ring, unsignedUntil: config.unsignedRecordsUntil, alarms, now })
  return {
    ...dependencies,
    elapsedMs: () => performance.now(),
    origin,
    issuer,
    // None with an explicit default port, which the Python SDK refuses.
    iss: issuer === origin ? issuer : undefined,
    ring,
    sessions,
    allowedHosts,
    accessTokenSeconds,
    egressRanges,
    lifetimes,
    callbackUrl,
    registryUrl,
    serviceOf: resourceLookup(origin, dependencies.services),
    cookies: browserCookies(origin),
    browsers: new BrowserStore(store, ring),
    transactions: new TransactionStore(store, records),
    visits: new VisitStore(store, ring),
    personSessions: new PersonSessions(store, origin),
    contested: new ContestedSessions(store, { sessions, origin, registry: registryUrl.origin }),
    renewalFailures: new RenewalFailureStore(store),
    ...createClients(config, { ...dependencies, used: new AssertionStore(store) }),
    held: new HeldStore(store, ring),
    links: new LinkStore({ store, records, origin }),
    codes: new CodeStore(sessions, ring),
    consents: new ConsentStore(store, ring),
    limits: new RateLimits({
      limiter: new RateLimiter({ store, ring, log: dependencies.log }, config.rateLimits),
      exempt: config.sharedEgress,
      log: dependencies.log,
    }),
    provider: createCredentialProvider(config.credential, {
      registryUrl,
      callbackUrl,
      now: dependencies.now,
    }),
    registry: createRegistry(registryUrl),
    tokenIssuer: { issuer, ...signingKey(config.signingKeys) },
    keys: verificationKeys({ keys: [...keys] }),
    isSigning: async (keyId: string) => (await signedFor(store, origin, keyId)) > 0,
    discovery: { origin, issuer, services: dependencies.services, keys },
  }
}

/** Pages and token responses belong to one user (RFC 6749 section 5.1). */
function noStore(): Middleware {
  return async function noStoreHeaders(ctx, next) {
    ctx.set('Cache-Control', 'no-store')
    await next()
  }
}
