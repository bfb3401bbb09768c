import { decodeJwt, decodeProtectedHeader } from 'jose'
import { z } from 'zod'
import type { RequestObserver } from '../../../core/metrics/outgoing-requests.ts'
import { registryClient, registryEndpoint } from '../../../core/quilt/registry-client.ts'
import type { Person, QuiltCredential } from '../../../core/sessions/session.ts'
import { ACCESS_TOKEN_TYPE } from '../../../core/tokens/access-token.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { askRegistry, REGISTRY_BOUNDS } from '../../quilt/ask-registry.ts'
import type { CredentialProvider } from '../../quilt/credential-provider.ts'
import { CredentialRefused } from '../../quilt/credential-source.ts'
import type { Logouts } from '../../quilt/logouts.ts'
import type { Registry } from '../../quilt/registry.ts'
import type { MintedTokens } from '../../store/minted-tokens.ts'

/** A user's session at the catalog. */
export interface CatalogSession {
  /** A secret: the catalog's own token. */
  readonly credential: QuiltCredential
  readonly person: Person
}

interface CatalogSessionsDependencies {
  readonly issuer: string
  readonly registry: Registry
  readonly registryUrl: URL
  readonly provider: CredentialProvider
  readonly minted: MintedTokens
  readonly logouts: Logouts
  readonly observers: { readonly registry: RequestObserver }
  readonly now: () => number
}

const BEARER = /^bearer ([A-Za-z0-9._~+/-]{16,4096}=*)$/i
const MAX_CODE_CHARACTERS = 2048
const codeSchema = z.object({ code: z.string().min(1).max(MAX_CODE_CHARACTERS) })

/** Users of the catalog, by the token with which its pages ask. */
export class CatalogSessions {
  readonly #dependencies: CatalogSessionsDependencies
  readonly #askForCode

  constructor(dependencies: CatalogSessionsDependencies) {
    this.#dependencies = dependencies
    const { registryUrl, observers } = dependencies
    const endpoint = registryEndpoint(registryUrl, 'api/code')
    this.#askForCode = registryClient(endpoint, REGISTRY_BOUNDS, observers.registry)
  }

  /** @param authorization - the header. @throws OAuthError 401 without a session of the catalog; Unavailable */
  async sessionOf(authorization: string): Promise<CatalogSession> {
    const { minted, registry } = this.#dependencies
    const [, token = ''] = BEARER.exec(authorization) ?? []
    const expiresAt = this.#endOf(token)
    // A service that got one of our tokens could otherwise open sessions of its own.
    if (expiresAt === undefined || (await minted.has(token))) throw notLoggedIn()
    const credential = { token, expiresAt }
    return { credential, person: await registry.whoIs(credential).catch(refused) }
  }

  /**
   * A token of its own, so that signing out of the catalog does not end it; it lives no longer than the catalog's.
   *
   * @throws OAuthError 401, Unavailable
   */
  async mint({ credential: { token, expiresAt }, person }: CatalogSession): Promise<QuiltCredential> {
    const { provider, registry, logouts, now } = this.#dependencies
    const request = { method: 'GET', headers: { authorization: `Bearer ${token}` } } as const
    const { code } = await askRegistry(this.#askForCode, request, { schema: codeSchema }).catch(refused)
    if (provider.source !== 'code') throw notLoggedIn()
    const own = await provider.credentials.obtain(code, now()).catch(refused)
    const credential = { token: own.token, expiresAt: Math.min(own.expiresAt, expiresAt) }
    try {
      const { name } = await registry.whoIs(credential).catch(refused)
      if (name !== person.name) throw notLoggedIn()
      return credential
    } catch (error) {
      logouts.begin(credential.token)
      throw error
    }
  }

  /** When a catalog's token ends; undefined for an API key, a token of ours, or another that does not say. */
  #endOf(token: string): number | undefined {
    const { issuer, now } = this.#dependencies
    try {
      const { iss, exp } = decodeJwt(token)
      const isOurs = iss === issuer || decodeProtectedHeader(token).typ === ACCESS_TOKEN_TYPE
      return isOurs || exp === undefined || !(exp > now()) ? undefined : Math.floor(exp)
    } catch {
      return undefined
    }
  }
}

function refused(error: unknown): never {
  throw error instanceof CredentialRefused ? notLoggedIn() : error
}

function notLoggedIn(): OAuthError {
  return new OAuthError('login_required', 'Not logged in', 401)
}
