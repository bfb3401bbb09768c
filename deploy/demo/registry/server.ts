import type { RequestListener } from 'node:http'
import { bodyParser } from '@koa/bodyparser'
import Koa, { type Middleware } from 'koa'
import Router from 'koa-router'
import type { Log } from '../../../core/log/log.ts'
import type { DemoPerson } from '../people.ts'
import { Accounts } from './accounts.ts'
import { activation } from './activation.ts'
import { ApiKeys } from './api-keys.ts'
import type { Client } from './client-authentication.ts'
import { addCodePage } from './code-page.ts'
import { configJson } from './config-json.ts'
import { answerGraphql } from './graphql/answer.ts'
import { idTokenCheck } from './id-token.ts'
import { providerMetadata } from './identity-provider-metadata.ts'
import { login, startSingleSignOn } from './login.ts'
import { addNoAws } from './no-aws.ts'
import { OneTimeCodes } from './one-time-codes.ts'
import { quiltTokens } from './quilt-tokens.ts'
import { refusals } from './refusal.ts'
import { Renewals } from './renewals.ts'
import { search } from './search/search.ts'
import { addSessionRoutes } from './session-routes.ts'
import { SingleSignOn } from './single-sign-on.ts'
import { tokenExchange } from './token-exchange.ts'
import { token } from './token.ts'
import { whoAsks } from './who-asks.ts'

export interface RegistryOptions {
  /** The issuer whose ID tokens are exchanged, and where people sign in. */
  readonly identityProvider: string
  /** Who may exchange, and the audience that an ID token must have: one application for both. */
  readonly client: Client
  readonly people: readonly DemoPerson[]
  /** Names of the people who are deactivated; may change at any time, here or over HTTP. */
  readonly deactivated?: Set<string>
  /** How long a Quilt token lives; read each time that one is issued. */
  readonly tokenSeconds: number
  readonly log: Log
  /** Seconds since 1970. */
  readonly now: () => number
}

const BODY_LIMIT = '64kb'
const FORM = 'application/x-www-form-urlencoded'

/** A Quilt Registry with what Connect and its services ask of one, as Quilt documents it. */
export function createRegistry(options: RegistryOptions): RequestListener {
  const { client, log, now } = options
  const accounts = new Accounts(options.people, options.deactivated ?? new Set())
  const keys = new ApiKeys(now)
  const codes = new OneTimeCodes(accounts, now)
  const renewals = new Renewals(now)
  const tokens = quiltTokens({
    accounts,
    secret: client.secret,
    tokenSeconds: () => options.tokenSeconds,
    now,
  })
  const metadata = providerMetadata(options.identityProvider)
  const checkIdToken = idTokenCheck({ metadata, audience: client.id, now })
  const sso = new SingleSignOn({ client, metadata, checkIdToken })
  const asker = whoAsks({ accounts, tokens, keys })

  const text = bodyParser({ enableTypes: ['text'], extendTypes: { text: [FORM] }, textLimit: BODY_LIMIT })
  const json = bodyParser({ enableTypes: ['json'], jsonLimit: BODY_LIMIT })
  const form = bodyParser({ enableTypes: ['form'], formLimit: BODY_LIMIT })

  const router = new Router()
  router.get('/healthcheck', (ctx) => {
    ctx.body = 'ok'
  })
  router.get('/config.json', configJson)
  addCodePage(router, { accounts, codes, form })
  router.get('/oidc-authorize/:provider', startSingleSignOn(sso))
  router.post('/api/login', json, login({ accounts, tokens, sso, log }))
  router.post('/api/token', text, token({ accounts, tokens, codes }))
  addSessionRoutes(router, { accounts, tokens, renewals, codes, whoAsks: asker, now })
  router.post(
    '/api/token-exchange',
    text,
    tokenExchange({ client, accounts, tokens, renewals, checkIdToken, log, now }),
  )
  router.post('/graphql', json, async (ctx) => {
    const account = await asker(ctx.headers.authorization)
    const { status, body } = await answerGraphql(account, keys, ctx.request.body)
    ctx.status = status
    ctx.body = body
  })
  router.get('/api/search', search(asker))
  addNoAws(router)
  router.post('/demo/people/:name/active', json, activation(accounts))

  const app = new Koa()
  app.use(refusals(log))
  app.use(neverStored())
  app.use(router.routes())
  const handle = app.callback()
  return (request, response) => void handle(request, response)
}

/** Most answers hold a secret, or are about somebody (RFC 6749 section 5.1). */
function neverStored(): Middleware {
  return async function neverStore(ctx, next) {
    ctx.set('Cache-Control', 'no-store')
    await next()
  }
}
