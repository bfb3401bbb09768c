import type { Context, Middleware } from 'koa'
import { z } from 'zod'
import type { Audit } from '../../../core/audit/audit-entry.ts'
import type { Controls } from '../../../core/controls/control-follower.ts'
import { randomSecret } from '../../../core/keys/hash.ts'
import type { SessionStore } from '../../../core/sessions/session-store.ts'
import type { CatalogSession, CatalogSessions } from './catalog-sessions.ts'
import {
  CODE_SECONDS,
  HAND_OFF_SECONDS,
  TRANSACTION_SECONDS,
  UNUSED_MARGIN_SECONDS,
} from '../../lifetimes.ts'
import type { RateLimits } from '../../limits/limits.ts'
import type { ConsentUiMetrics } from '../../metrics/consent-ui-metrics.ts'
import { OAuthError, Stopped } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { mayNeedNewSignIn, readPrompt } from '../../oauth/prompt.ts'
import type { ResourceLookup } from '../../oauth/resource.ts'
import type { Logouts } from '../../quilt/logouts.ts'
import type { UnusedCredentials } from '../../quilt/unused-credentials.ts'
import type { HandOff, HandOffStore } from '../../store/hand-off-store.ts'
import { readAuthorizationRequest } from '../authorization-request.ts'
import { clientMembers } from '../authorize.ts'
import { catalogClient, type CatalogRequestDependencies } from './catalog-request.ts'
import { pageNeeded } from '../prompt-none.ts'
import { transactionPage } from '../open-transaction.ts'

interface HandOffDependencies extends CatalogRequestDependencies {
  readonly origin: string
  readonly registryUrl: URL
  readonly catalogSessions: CatalogSessions
  readonly handOffs: HandOffStore
  readonly serviceOf: ResourceLookup
  readonly controls: Controls
  readonly limits: RateLimits
  readonly sessions: SessionStore
  readonly logouts: Logouts
  readonly unused: UnusedCredentials
  readonly metrics: ConsentUiMetrics
  readonly audit: Audit
}

const bodySchema = z.record(z.string(), z.string())

/** Only the catalog's pages may ask: any other page that got hold of a user's token is refused. */
export function requireCatalog(catalog: string): Middleware {
  return async function requireCatalogOrigin(ctx, next) {
    ctx.vary('Origin')
    if (ctx.get('Origin') !== catalog) {
      throw new OAuthError('invalid_request', 'this endpoint is for pages of the catalog', 403)
    }
    ctx.set('Access-Control-Allow-Origin', catalog)
    await next()
  }
}

/** POST /api/connect/validate: the name of the application, before the catalog's page asks the user. */
export function validateForCatalog(dependencies: HandOffDependencies): Middleware {
  const { catalogSessions, serviceOf } = dependencies
  return async (ctx) => {
    await catalogSessions.sessionOf(ctx.get('Authorization'))
    const parameters = parametersOf(ctx)
    const { client } = await catalogClient(dependencies, parameters)
    serviceOf(parameters.get('resource'))
    ctx.body = { client_name: client.name }
  }
}

/** POST /api/connect/authorize: validates all again, and answers with our consent page for this user. */
export function authorizeForCatalog(dependencies: HandOffDependencies): Middleware {
  const { catalogSessions, handOffs, limits, origin } = dependencies

  return async (ctx) => {
    const session = await catalogSessions.sessionOf(ctx.get('Authorization'))
    const request = await requestOf(parametersOf(ctx))
    await limits.beginTransaction()
    const held = await credentialOf(session)
    const handle = await kept({ request, held })
    watch(held, handle)
    record(session)
    ctx.body = { redirect_uri: `${origin}${transactionPage(handle)}` }
  }

  async function requestOf(parameters: Parameters): Promise<HandOff['request']> {
    const proven = await catalogClient(dependencies, parameters)
    requireNoNewSignIn(parameters)
    const { codeChallenge, service, scope } = readAuthorizationRequest(parameters, dependencies.serviceOf)
    if (dependencies.controls.isStopped(service.name)) throw new Stopped(service.title)
    const { state } = proven
    const about = { codeChallenge, service: service.name, scope }
    return { ...clientMembers(proven), ...(state === undefined ? {} : { state }), ...about }
  }

  async function credentialOf(session: CatalogSession): Promise<HandOff['held']> {
    const { name, email } = session.person
    const person = { issuer: dependencies.registryUrl.origin, subject: name, email }
    return { sessionId: randomSecret(), credential: await catalogSessions.mint(session), person }
  }

  async function kept(handOff: HandOff): Promise<string> {
    try {
      return await handOffs.keep(handOff)
    } catch (error) {
      dependencies.logouts.begin(handOff.held.credential.token)
      throw error
    }
  }

  function watch({ sessionId, credential }: HandOff['held'], handle: string): void {
    const { unused, sessions } = dependencies
    unused.watch({
      token: credential.token,
      seconds: HAND_OFF_SECONDS + TRANSACTION_SECONDS + CODE_SECONDS + UNUSED_MARGIN_SECONDS,
      isInUse: async () => (await sessions.find(sessionId)) !== undefined,
      withdraw: () => handOffs.drop(handle),
    })
  }

  function record({ person: { email } }: CatalogSession): void {
    const { metrics, audit, registryUrl } = dependencies
    metrics.signIn('signed_in')
    const details = { issuer: registryUrl.origin, how: 'catalog' }
    audit.record({ name: 'SignIn', by: 'user', person: { email }, details })
  }
}

/** The catalog's sign-in may be months old, and its page is shown (OpenID Connect Core section 3.1.2.1). */
function requireNoNewSignIn(parameters: Parameters): void {
  const prompt = readPrompt(parameters)
  if (prompt.isNone) throw pageNeeded('ask')
  if (mayNeedNewSignIn(prompt)) {
    throw new OAuthError('login_required', 'the application asks for a new sign-in; start again there')
  }
}

/** The members of a JSON body; an empty one counts as absent, as in a form. */
function parametersOf(ctx: Context): Parameters {
  const { success, data } = bodySchema.safeParse((ctx.request as { body?: unknown }).body)
  if (!success) throw new OAuthError('invalid_request', 'the body must be a JSON object of texts')
  return new Map(Object.entries(data).filter(([, value]) => value !== ''))
}
