import { bodyParser } from '@koa/bodyparser'
import { createLocalJWKSet } from 'jose'
import type { Redis } from 'ioredis'
import Koa, { type Middleware } from 'koa'
import Router from 'koa-router'
import type { Log } from '../core/log.ts'
import type { Service } from '../core/services.ts'
import { SessionStore } from '../core/session-store.ts'
import { browserCookie } from './browser-cookie.ts'
import type { Config } from './config.ts'
import { jsonErrors, pageErrors } from './error-boundary.ts'
import { authorize } from './flow/authorize.ts'
import { discovery } from './flow/discovery.ts'
import { register } from './flow/register.ts'
import { revoke } from './flow/revoke.ts'
import { finishSignIn } from './flow/sign-in.ts'
import { token } from './flow/token.ts'
import { answerTransaction, showTransaction } from './flow/transaction.ts'
import { createIdentityProvider } from './identity-provider.ts'
import { publicKeySet, signingKey } from './keys/signing-keys.ts'
import { resourceLookup } from './oauth/resource.ts'
import { createRegistry } from './quilt/registry.ts'
import { pageHeaders } from './security-headers.ts'
import type { SessionEnder } from './session-ender.ts'
import { BrowserStore } from './store/browser-store.ts'
import { CodeStore } from './store/code-store.ts'
import { TransactionStore } from './store/transaction-store.ts'

/** What runs beside the configuration. */
export interface Surroundings {
  readonly redis: Redis
  readonly ender: SessionEnder
  readonly services: readonly Service[]
  readonly log: Log
  /** Seconds since 1970. */
  readonly now: () => number
}

/** Registration, token and revocation bodies are small. */
const BODY_LIMIT = '64kb'
const FORM = 'application/x-www-form-urlencoded'

/** The application: which path is answered by what, and in which order. The only place where they are wired in. */
export function createApp(config: Config, surroundings: Surroundings): Koa {
  const parts = wire(config, surroundings)
  const router = new Router()
  const pages: Middleware[] = [pageHeaders(), noStore(), pageErrors(parts.log)]
  const endpoint: Middleware[] = [noStore(), jsonErrors(parts.log)]
  const form = bodyParser({ enableTypes: ['text'], extendTypes: { text: [FORM] }, textLimit: BODY_LIMIT })
  const json = bodyParser({ enableTypes: ['json'], jsonLimit: BODY_LIMIT })

  router.get('/healthz', (ctx) => {
    ctx.body = 'ok'
  })
  discovery(router, parts.discovery)
  router.get(['/connect/authorize', '/authorize'], ...pages, authorize(parts))
  router.get('/connect/callback', ...pages, finishSignIn(parts))
  router.get('/connect/authorize/:id', ...pages, showTransaction(parts))
  router.post('/connect/authorize/:id', ...pages, form, answerTransaction(parts))
  router.post(['/auth/register', '/register'], ...endpoint, json, register(parts))
  router.post(['/auth/token', '/token'], ...endpoint, form, token(parts))
  router.post('/auth/revoke', ...endpoint, form, revoke(parts))

  const app = new Koa()
  app.on('error', (error: Error) => parts.log.error({ error: error.message }, 'a response could not be sent'))
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}

/** Everything that the flow is made of, built once from the configuration. */
function wire(config: Config, { redis, ender, services, log, now }: Surroundings) {
  const issuer = config.origin
  const ring = config.sealingKeys
  const { keys } = publicKeySet(config.signingKeys)
  const sessions = new SessionStore(redis)
  return {
    issuer,
    ring,
    services,
    log,
    now,
    ender,
    sessions,
    allowedHosts: config.allowedHosts,
    accessTokenSeconds: config.accessTokenSeconds,
    callbackUrl: config.identityProvider.redirectUri,
    serviceOf: resourceLookup(issuer, services),
    cookie: browserCookie(issuer),
    browsers: new BrowserStore(redis, ring),
    transactions: new TransactionStore(redis),
    codes: new CodeStore(sessions, ring),
    identityProvider: createIdentityProvider(config.identityProvider),
    registry: createRegistry(config.registry),
    tokenIssuer: { issuer, ...signingKey(config.signingKeys) },
    keys: createLocalJWKSet({ keys: [...keys] }),
    discovery: { issuer, services, keys },
  }
}

/** Pages and answers hold what belongs to one person, once (RFC 6749 section 5.1). */
function noStore(): Middleware {
  return async function noStoreHeaders(ctx, next) {
    ctx.set('Cache-Control', 'no-store')
    await next()
  }
}
