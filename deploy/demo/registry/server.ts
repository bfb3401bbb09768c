import type { RequestListener } from 'node:http'
import { bodyParser } from '@koa/bodyparser'
import Koa, { type Context, type Middleware } from 'koa'
import Router from 'koa-router'
import type { Log } from '../../../core/log/log.ts'
import { addCatalogPage } from '../catalog/catalog-page.ts'
import type { DemoPerson } from '../people.ts'
import { Accounts } from './accounts.ts'
import { activation } from './activation.ts'
import { ApiKeys } from './api-keys.ts'
import { createAuthenticate } from './authenticate.ts'
import { awsCredentials } from './aws-credentials.ts'
import type { Client } from './client-authentication.ts'
import { addCodePage } from './code-page.ts'
import { answerGraphql } from './graphql/answer.ts'
import { assertionCheck, idTokenCheck } from './id-token.ts'
import { providerMetadata } from './identity-provider-metadata.ts'
import { login, startSingleSignOn } from './login.ts'
import { addNoAws } from './no-aws.ts'
import { OneTimeCodes } from './one-time-codes.ts'
import { quiltTokens } from './quilt-tokens.ts'
import { answerRefusals } from './refusal.ts'
import { Renewals } from './renewals.ts'
import { search } from './search/search.ts'
import { issueCode, logOut, refresh, showUser } from './session-routes.ts'
import { PROVIDERS, SingleSignOn } from './single-sign-on.ts'
import { requireClient, tokenExchange } from './token-exchange.ts'
import { token } from './token.ts'

export interface RegistryOptions {
  /** Its issuer. */
  readonly identityProvider: string
  /** The only client of the token exchange, and the audience of its ID tokens. */
  readonly client: Client
  /** Connect's issuer: the audience of the identity assertions that the token exchange accepts. None by default. */
  readonly assertionAudience?: string | undefined
  /** Of the Connect host to which the demo's catalog page hands users over. None by default. */
  readonly connectOrigin?: string | undefined
  readonly people: readonly DemoPerson[]
  /** Names of deactivated users; read at each request. */
  readonly deactivated?: Set<string>
  /** Names of users who are no longer administrators; read at each request. */
  readonly demoted?: ReadonlySet<string>
  /** Lifetime of a Quilt token; read for each new token. */
  readonly tokenSeconds: number
  readonly log: Log
  /** Seconds since 1970. */
  readonly now: () => number
}

const BODY_LIMIT = '64kb'
const FORM = 'application/x-www-form-urlencoded'

/** The part of a Quilt Registry that Connect and its services call, as Quilt documents it. */
export function createRegistry(options: RegistryOptions): RequestListener {
  const { client, log, now } = options
  const accounts = new Accounts(options.people, {
    deactivated: options.deactivated ?? new Set(),
    demoted: options.demoted ?? new Set(),
  })
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
  const checkIdToken = idTokenCheck({ metadata, audience: client.id, now, log })
  const { assertionAudience } = options
  const checkAssertion =
    assertionAudience === undefined
      ? undefined
      : assertionCheck({ metadata, audience: assertionAudience, now, log })
  const sso = new SingleSignOn(client, metadata, checkIdToken)
  const authenticate = createAuthenticate(accounts, tokens, keys)

  const text = bodyParser({ enableTypes: ['text'], extendTypes: { text: [FORM] }, textLimit: BODY_LIMIT })
  const json = bodyParser({ enableTypes: ['json'], jsonLimit: BODY_LIMIT })

  const router = new Router()
  router.get('/healthcheck', (ctx) => {
    ctx.body = 'ok'
  })
  router.get('/config.json', configJson)
  addCodePage(router, accounts, codes)
  if (options.connectOrigin !== undefined) addCatalogPage(router, options.connectOrigin)
  router.get('/oidc-authorize/:provider', startSingleSignOn(sso))
  router.post('/api/login', json, login(accounts, tokens, sso))
  router.post('/api/token', text, token(accounts, tokens, codes))
  router.get('/api/me', showUser(authenticate))
  router.get('/api/code', issueCode(authenticate, codes))
  router.get('/api/auth/get_credentials', awsCredentials(authenticate, now))
  router.post('/api/refresh', refresh(accounts, tokens))
  router.post('/api/logout', logOut(tokens, renewals))
  router.post(
    '/api/token-exchange',
    text,
    requireClient(client),
    tokenExchange({ accounts, tokens, renewals, checkIdToken, checkAssertion }),
  )
  router.post('/graphql', json, async (ctx) => {
    const account = await authenticate(ctx.headers.authorization)
    const { status, body } = await answerGraphql(account, keys, ctx.request.body)
    ctx.status = status
    ctx.body = body
  })
  router.get('/api/search', search(authenticate))
  addNoAws(router)
  router.post('/demo/people/:name/active', json, activation(accounts))

  const app = new Koa()
  app.use(answerRefusals(log))
  app.use(forbidStorage)
  app.use(router.routes())
  const handle = app.callback()
  return (request, response) => void handle(request, response)
}

/** Most responses contain a secret or personal data (RFC 6749 section 5.1). */
const forbidStorage: Middleware = async function forbidStorage(ctx, next) {
  ctx.set('Cache-Control', 'no-store')
  await next()
}

/** `GET /config.json`, which a catalog serves: the address of the Registry, and how users sign in. */
function configJson(ctx: Context): void {
  const registryUrl = `http://localhost:${ctx.req.socket.localPort}`
  ctx.body = {
    registryUrl,
    region: 'us-east-1',
    // quilt-mcp 0.22 searches only if these two are set; the second names the stack.
    apiGatewayEndpoint: `${registryUrl}/no-aws`,
    analyticsBucket: 'quilt-demo-analyticsbucket',
    alwaysRequiresAuth: true,
    passwordAuth: 'ENABLED',
    ssoAuth: 'ENABLED',
    ssoProviders: PROVIDERS.join(' '),
  }
}
