import type { Context } from 'koa'
import { clientHash, type Clients } from '../clients/client.ts'
import { mayBeUnasked } from '../consent/unasked.ts'
import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import type { RateLimits } from '../limits/limits.ts'
import { provenClient, readAuthorizationRequest, type ProvenClient } from './authorization-request.ts'
import { errorResponse } from '../oauth/authorization-response.ts'
import { OAuthError, UnknownClient } from '../oauth/errors.ts'
import { parseParameters, refuseRepeated, type Parameters } from '../oauth/parameters.ts'
import { readPrompt, reauthenticationFor, type PromptRequest } from '../oauth/prompt.ts'
import type { ResourceLookup } from '../oauth/resource.ts'
import type { CredentialProvider } from '../quilt/credential-provider.ts'
import { guessApplication } from '../consent/guess-application.ts'
import { reRegistrationHelp } from '../pages/re-registration-help.ts'
import { seeOther } from '../http/see-other.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import { beginIn, type BrowserParts } from '../browser/browser-at.ts'
import { signInAt } from '../browser/sign-in-at.ts'
import type { Asked, EarlierConsentParts } from './earlier-consent.ts'
import { refuseSilently } from './silent.ts'

export interface AuthorizeParts extends BrowserParts, EarlierConsentParts {
  /** What answers say of who gave them (RFC 9207); undefined where they must not. */
  readonly iss: string | undefined
  readonly clients: Clients
  readonly allowedHosts: AllowedHosts
  readonly serviceOf: ResourceLookup
  readonly transactions: TransactionStore
  readonly provider: CredentialProvider
  readonly limits: RateLimits
  readonly now: () => number
}

/** Without exactly one of each, an answer could reach the wrong place, or none. */
const NEEDED_TO_ANSWER = new Set(['client_id', 'redirect_uri', 'state'])

/** The authorization endpoint: checks the client's request and opens a transaction, which takes it from there. */
export function authorize(parts: AuthorizeParts) {
  const refuseSilent = refuseSilently(parts)

  return async function authorizationEndpoint(ctx: Context): Promise<void> {
    const { parameters, repeated } = parseParameters(requestOf(ctx))
    refuseRepeated(repeated.filter((name) => NEEDED_TO_ANSWER.has(name)))
    const proven = await clientOf(ctx, parameters)
    try {
      refuseRepeated(repeated)
      const id = await openTransactionFor(ctx, parameters, proven)
      seeOther(ctx, `/connect/authorize/${id}`)
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      seeOther(ctx, errorResponse(proven, error, parts.iss))
    }
  }

  /** @throws ShownError; where the client is unknown, one that says how to get rid of it in that very application */
  async function clientOf(ctx: Context, parameters: Parameters): Promise<ProvenClient> {
    try {
      return await provenClient(parameters, parts.clients, parts.allowedHosts)
    } catch (error) {
      if (!(error instanceof UnknownClient)) throw error
      throw reRegistrationHelp(guessApplication(parameters, ctx.get('User-Agent')))
    }
  }

  async function openTransactionFor(
    ctx: Context,
    parameters: Parameters,
    proven: ProvenClient,
  ): Promise<string> {
    const request = readAuthorizationRequest(parameters, parts.serviceOf)
    const prompt = readPrompt(parameters)
    const { state } = proven
    const asked: Asked = {
      ...factsOf(proven),
      ...(state === undefined ? {} : { state }),
      codeChallenge: request.codeChallenge,
      service: request.service.name,
      scope: request.scope,
      ...remembering(ctx, proven, prompt),
    }
    if (prompt.isSilent) await refuseSilent(ctx, prompt, asked)
    await parts.limits.beginTransaction()
    const browser = await beginIn(parts, ctx)
    const { authenticatedAt } = signInAt(browser, parts.now()) ?? {}
    const reauthentication = reauthenticationFor(prompt, authenticatedAt, parts.now())
    return await parts.transactions.begin({
      browserId: browser.id,
      ...asked,
      ...(reauthentication === undefined ? {} : { reauthentication }),
    })
  }
}

function factsOf({ clientId, client, redirectUri }: ProvenClient) {
  const { name, knownBy } = client
  return { clientId, clientName: name, clientKnownBy: knownBy, clientHash: clientHash(client), redirectUri }
}

function remembering(
  ctx: Context,
  { client: { knownBy }, redirectUri }: ProvenClient,
  { isSilent, wantsConsent }: PromptRequest,
): Pick<Asked, 'mayBeUnasked' | 'isSilent'> {
  const sentFrom = ctx.get('Origin') || ctx.get('Referer')
  const isUnasked = mayBeUnasked({ redirectUri, knownBy, wantsConsent, sentFrom })
  return { ...(isUnasked ? { mayBeUnasked: true } : {}), ...(isSilent ? { isSilent: true } : {}) }
}

/** A query, or a form (OpenID Connect Core section 3.1.2.1 asks for both); together they are one request. */
function requestOf(ctx: Context): string {
  const { body } = ctx.request as { body?: unknown }
  return typeof body === 'string' ? `${ctx.querystring}&${body}` : ctx.querystring
}
