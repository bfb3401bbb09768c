import type { Context, Middleware } from 'koa'
import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import type { Controls } from '../../core/controls/control-follower.ts'
import { beginIn, signInAt } from '../browser/browser-at.ts'
import type { Log } from '../../core/log/log.ts'
import { clientHash, type Clients } from '../clients/client.ts'
import { guessApplication } from '../consent/guess-application.ts'
import { maySkipConsent } from '../consent/skip-consent.ts'
import { seeOther } from '../http/see-other.ts'
import type { RateLimits } from '../limits/limits.ts'
import { errorResponse } from '../oauth/authorization-response.ts'
import { OAuthError, Stopped, UnknownClient } from '../oauth/errors.ts'
import { parseParameters, refuseRepeated, type Parameters } from '../oauth/parameters.ts'
import { mayNeedNewSignIn, readPrompt, reauthenticationFor, type PromptRequest } from '../oauth/prompt.ts'
import type { ResourceLookup } from '../oauth/resource.ts'
import { reRegistrationHelp } from '../pages/re-registration-help.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import { provenClient, readAuthorizationRequest, type ProvenClient } from './authorization-request.ts'
import type { TransactionRequest } from './earlier-consents.ts'
import { transactionPage } from './open-transaction.ts'
import { requireNoPage, type PromptNoneDependencies } from './prompt-none.ts'

interface AuthorizeDependencies extends PromptNoneDependencies {
  /** `iss` of responses (RFC 9207); undefined if the metadata does not announce it. */
  readonly iss: string | undefined
  readonly clients: Clients
  readonly allowedHosts: AllowedHosts
  readonly serviceOf: ResourceLookup
  readonly controls: Controls
  /** Origin of the catalog, if it signs users in. */
  readonly catalog: string | undefined
  readonly transactions: TransactionStore
  readonly limits: RateLimits
  readonly log: Log
}

/** If one of these appears twice, even an error could go to the wrong place. */
const NEEDED_TO_ANSWER = new Set(['client_id', 'redirect_uri', 'state'])

/** /connect/authorize: checks an authorization request and opens a transaction. */
export function authorize(dependencies: AuthorizeDependencies): Middleware {
  const { clients, allowedHosts, serviceOf, controls, transactions, limits, iss, now, log } = dependencies

  return async (ctx) => {
    const { parameters, repeated } = parseParameters(requestOf(ctx))
    refuseRepeated(repeated.filter((name) => NEEDED_TO_ANSWER.has(name)))
    const proven = await requireClient(ctx, parameters)
    try {
      refuseRepeated(repeated)
      seeOther(ctx, await beginTransaction(ctx, parameters, proven))
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      log.info({ error: error.code, description: error.message }, 'request refused')
      seeOther(ctx, errorResponse(proven, error, iss))
    }
  }

  /** @throws ShownError; for an unknown client, it says how to remove the old registration in that application */
  async function requireClient(ctx: Context, parameters: Parameters): Promise<ProvenClient> {
    try {
      return await provenClient(parameters, clients, allowedHosts)
    } catch (error) {
      if (!(error instanceof UnknownClient)) throw error
      throw reRegistrationHelp(guessApplication(parameters, ctx.get('User-Agent')))
    }
  }

  /** @returns where the user goes on: the transaction's page, or the catalog, which hands the user over */
  async function beginTransaction(
    ctx: Context,
    parameters: Parameters,
    proven: ProvenClient,
  ): Promise<string> {
    const { codeChallenge, service, scope } = readAuthorizationRequest(parameters, serviceOf)
    if (controls.isStopped(service.name)) throw new Stopped(service.title)
    const prompt = readPrompt(parameters)
    const { state } = proven
    const request: TransactionRequest = {
      ...clientMembers(proven),
      ...(state === undefined ? {} : { state }),
      codeChallenge,
      service: service.name,
      scope,
      ...promptMembers(ctx, proven, prompt),
    }
    if (prompt.isNone) await requireNoPage(dependencies, ctx, { prompt, request })
    // The catalog cannot sign its user in anew, nor say when it did: then a one-time code is the sign-in.
    const isAtCatalog = dependencies.catalog !== undefined && !mayNeedNewSignIn(prompt)
    if (isAtCatalog) return catalogPage(ctx, dependencies.catalog)
    await limits.beginTransaction()
    const browser = await beginIn(dependencies, ctx)
    const { authenticatedAt } = signInAt(browser, now()) ?? {}
    const reauthentication = reauthenticationFor(prompt, authenticatedAt, now())
    const id = await transactions.begin({
      browserId: browser.id,
      ...request,
      ...(reauthentication === undefined ? {} : { reauthentication }),
    })
    return transactionPage(id)
  }
}

export function clientMembers({ clientId, client, redirectUri }: ProvenClient) {
  const { name, knownBy } = client
  return { clientId, clientName: name, clientKnownBy: knownBy, clientHash: clientHash(client), redirectUri }
}

function promptMembers(
  ctx: Context,
  { client: { knownBy }, redirectUri }: ProvenClient,
  { isNone, wantsConsent }: PromptRequest,
): Pick<TransactionRequest, 'mayBeUnasked' | 'isSilent'> {
  const sentFrom = ctx.get('Origin') || ctx.get('Referer')
  const maySkip = maySkipConsent({ redirectUri, knownBy, wantsConsent, sentFrom })
  return { ...(maySkip ? { mayBeUnasked: true } : {}), ...(isNone ? { isSilent: true } : {}) }
}

/** The catalog's page for the same request; it answers at our `/api/connect/authorize`. */
function catalogPage(ctx: Context, catalog: string): string {
  return `${catalog}/connect/authorize?${new URLSearchParams(requestOf(ctx)).toString()}`
}

/** The query, with the form if there is one (OpenID Connect Core section 3.1.2.1). */
function requestOf(ctx: Context): string {
  const { body } = ctx.request as { body?: unknown }
  return typeof body === 'string' ? `${ctx.querystring}&${body}` : ctx.querystring
}
