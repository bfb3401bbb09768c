import type { Context } from 'koa'
import type { KeyRing } from '../../core/keys.ts'
import type { BrowserCookie } from '../browser-cookie.ts'
import type { AllowedHosts } from '../oauth/allowed-hosts.ts'
import { provenClient, readAuthorizationRequest, type ProvenClient } from '../oauth/authorization-request.ts'
import { errorResponse } from '../oauth/authorization-response.ts'
import { OAuthError } from '../oauth/errors.ts'
import { seeOther } from '../see-other.ts'
import { readParameters, type Parameters } from '../oauth/parameters.ts'
import type { ResourceLookup } from '../oauth/resource.ts'
import type { Browser, BrowserStore } from '../store/browser-store.ts'
import type { TransactionStore } from '../store/transaction-store.ts'

export interface AuthorizeParts {
  readonly issuer: string
  readonly ring: KeyRing
  readonly allowedHosts: AllowedHosts
  readonly serviceOf: ResourceLookup
  readonly cookie: BrowserCookie
  readonly browsers: BrowserStore
  readonly transactions: TransactionStore
}

/** The authorization endpoint: checks the client's request and opens a transaction, which takes it from there. */
export function authorize(parts: AuthorizeParts) {
  return async function authorizationEndpoint(ctx: Context): Promise<void> {
    const parameters = readParameters(ctx.querystring)
    const proven = provenClient(parameters, parts.ring, parts.allowedHosts)
    try {
      const id = await openTransactionFor(ctx, parameters, proven)
      seeOther(ctx, `/connect/authorize/${id}`)
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      const target = { redirectUri: proven.redirectUri, state: parameters.get('state') }
      seeOther(ctx, errorResponse(target, error, parts.issuer))
    }
  }

  async function openTransactionFor(
    ctx: Context,
    parameters: Parameters,
    proven: ProvenClient,
  ): Promise<string> {
    const request = readAuthorizationRequest(parameters, parts.serviceOf)
    const state = parameters.get('state')
    const browser = await browserOf(ctx)
    return await parts.transactions.begin({
      browserId: browser.id,
      clientId: proven.clientId,
      clientName: proven.client.name,
      redirectUri: proven.redirectUri,
      ...(state === undefined ? {} : { state }),
      codeChallenge: request.codeChallenge,
      service: request.service.name,
      scope: request.scope,
    })
  }

  async function browserOf(ctx: Context): Promise<Browser> {
    const cookie = parts.cookie.read(ctx)
    const known = cookie === undefined ? undefined : await parts.browsers.find(cookie)
    const browser = known ?? (await parts.browsers.meet())
    if (known !== undefined) await parts.browsers.prolong(known)
    parts.cookie.write(ctx, browser)
    return browser
  }
}
