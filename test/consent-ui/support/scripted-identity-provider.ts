import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'
import { ADA } from '../../../deploy/demo/people.ts'

export interface OddAnswer {
  readonly status: number
  readonly body: string
  readonly type?: string
}

const TOKEN_SECONDS = 3600

/** An identity provider without pages. Its responses can be changed; by default Ada signs in. */
export class ScriptedIdentityProvider {
  claims: Readonly<Record<string, unknown>> = {}
  callback: Readonly<Record<string, string>> = {}
  metadata: Readonly<Record<string, unknown>> = {}
  /** Undefined if the provider has no UserInfo endpoint. */
  userInfo: Readonly<Record<string, unknown>> | undefined
  readonly userInfoAsked: string[] = []
  /** Refuses codes and repeats their secrets in the error. */
  repeats = false
  discoveries = 0
  authentication: { readonly header: string | undefined; readonly form: URLSearchParams } | undefined
  odd: Readonly<Record<string, OddAnswer>> = {}
  isDown = false
  /** Each of them is valid once. */
  givesRefreshTokens = false
  refreshToken = ''
  readonly idTokens: string[] = []
  /** The nonce of the request, by code. */
  readonly #nonces = new Map<string, string>()
  #keys = generateKeyPair('RS256')
  #keyId = 'scripted'
  jwksFetches = 0
  /** How far its clock is ahead of ours. */
  aheadSeconds = 0
  /** Of its issuer, such as `/realms/example`. */
  issuerPath = ''
  answersByForm = false
  #held: Promise<undefined> | undefined

  listener(issuer: string, redirectUri: string): RequestListener {
    return (request, response) => void this.#serve(request, response, { issuer, redirectUri })
  }

  /** Delays responses of `/token`, after the refresh token was rotated. */
  holdTokens(): { release: () => void } {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#held = promise
    return { release: () => resolve(undefined) }
  }

  readonly shown: string[] = []

  /** Signs with a new key from now on; the old one is no longer published. */
  rollKeys(): void {
    this.#keys = generateKeyPair('RS256')
    this.#keyId = `scripted-${randomUUID()}`
  }

  /** A signed JWT with any claims; undefined omits one. */
  async sign(claims: JWTPayload, header: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: this.#keyId, ...header })
      .sign((await this.#keys).privateKey)
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    at: { issuer: string; redirectUri: string },
  ): Promise<void> {
    const url = new URL(request.url ?? '/', at.issuer)
    url.pathname = url.pathname.replace(this.issuerPath.replace(/\/$/, ''), '')
    const issuer = at.issuer + this.issuerPath
    const odd = this.odd[url.pathname]
    if (url.pathname === '/.well-known/openid-configuration') this.discoveries += 1
    if (this.isDown) response.destroy()
    else if (odd !== undefined) {
      response.writeHead(odd.status, { 'content-type': odd.type ?? 'application/json' }).end(odd.body)
    } else if (url.pathname === '/authorize') {
      this.#sendBack(response, this.#callbackUrl(url.searchParams, at.redirectUri))
    } else {
      response.setHeader('content-type', 'application/json')
      const document = await this.#document(url.pathname, request, issuer)
      if (url.pathname === '/token') await this.#held
      const refusal = this.#refusalOf(url.pathname, document)
      if (refusal === undefined) response.end(JSON.stringify(document))
      else response.writeHead(400).end(JSON.stringify(refusal))
    }
  }

  #sendBack(response: ServerResponse, callbackUrl: string): void {
    if (this.answersByForm) {
      response.setHeader('content-type', 'text/html').end(formOf(new URL(callbackUrl)))
    } else response.writeHead(303, { location: callbackUrl }).end()
  }

  #refusalOf(path: string, document: unknown): object | undefined {
    if (this.repeats && path === '/token') return this.#repeated()
    return document === undefined ? { error: 'invalid_grant' } : undefined
  }

  #callbackUrl(request: URLSearchParams, redirectUri: string): string {
    const code = randomUUID()
    this.#nonces.set(code, request.get('nonce') ?? '')
    const answer = { code, state: request.get('state') ?? '', ...this.callback }
    return `${redirectUri}?${new URLSearchParams(answer).toString()}`
  }

  #repeated(): object {
    const { header = '', form = new URLSearchParams() } = this.authentication ?? {}
    const [, secret = ''] = Buffer.from(header.slice('Basic '.length), 'base64').toString().split(':')
    const secrets = [form.get('code'), form.get('code_verifier'), decodeURIComponent(secret)]
    return { error: 'invalid_grant', error_description: `no ${secrets.join(' ')}` }
  }

  async #document(path: string, request: IncomingMessage, issuer: string): Promise<unknown> {
    switch (path) {
      case '/token': {
        const form = new URLSearchParams(await text(request))
        this.authentication = { header: request.headers.authorization, form }
        const shown = form.get('refresh_token')
        if (shown !== null) this.shown.push(shown)
        if (shown !== null && shown !== this.refreshToken) return undefined
        const idToken = await this.#idToken(issuer, form.get('code') ?? '')
        const answer = { access_token: 'at', token_type: 'Bearer', id_token: idToken }
        if (!this.givesRefreshTokens) return answer
        this.refreshToken = `idp-refresh-${randomUUID()}`
        return { ...answer, refresh_token: this.refreshToken }
      }
      case '/userinfo':
        this.userInfoAsked.push(request.headers.authorization ?? '')
        return this.userInfo
      case '/jwks':
        this.jwksFetches += 1
        return {
          keys: [{ ...(await exportJWK((await this.#keys).publicKey)), alg: 'RS256', kid: this.#keyId }],
        }
      default:
        return this.#discovery(issuer)
    }
  }

  #discovery(issuer: string): object {
    const base = issuer.replace(/\/$/, '')
    return {
      issuer,
      authorization_endpoint: `${base}/authorize`,
      token_endpoint: `${base}/token`,
      jwks_uri: `${base}/jwks`,
      ...(this.givesRefreshTokens ? { scopes_supported: ['openid', 'email', 'offline_access'] } : {}),
      ...(this.userInfo === undefined ? {} : { userinfo_endpoint: `${base}/userinfo` }),
      ...this.metadata,
    }
  }

  async #idToken(issuer: string, code: string): Promise<string> {
    const now = Math.floor(Date.now() / 1000) + this.aheadSeconds
    const { sub, email } = ADA
    const nonce = this.#nonces.get(code)
    const usual = { iss: issuer, aud: 'connect+server', sub, email, email_verified: true, nonce }
    const idToken = await this.sign({ ...usual, iat: now, exp: now + TOKEN_SECONDS, ...this.claims })
    this.idTokens.push(idToken)
    return idToken
  }
}

/** A page whose form a browser sends by script (OAuth 2.0 Form Post Response Mode). */
function formOf(callback: URL): string {
  const inputs = [...callback.searchParams].map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${value.replaceAll('"', '&#34;')}">`,
  )
  return `<form method="post" action="${callback.origin}${callback.pathname}">${inputs.join('')}</form>`
}
