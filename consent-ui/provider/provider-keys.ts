import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { secureUrl } from '../../core/config/settings.ts'
import { readBounded } from '../../core/http/read-bounded.ts'
import { describeError } from '../../core/log/describe-error.ts'
import { observed, type RequestObserver } from '../../core/metrics/outgoing-requests.ts'
import { readPublishedKeys } from '../clients/public-keys.ts'
import { IDENTITY_PROVIDER_TIMEOUT_SECONDS } from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'

/** What the identity provider publishes of itself. */
export interface ProviderKeySet {
  /** `iss` of its tokens. */
  readonly issuer: string
  readonly keyOf: JWTVerifyGetKey
}

interface ProviderKeysDependencies {
  readonly issuer: URL
  readonly observer: RequestObserver
  /** Seconds since 1970. */
  readonly now: () => number
}

/** A key that the provider withdrew is trusted no longer than this. */
const FRESH_SECONDS = 600
/** An unknown key id fetches the keys again: the provider may have rotated them. */
const REFETCH_SECONDS = 30
/** After a failure the provider is left alone: its tokens are refused with 503 meanwhile. */
const RETRY_SECONDS = 10
const MAX_ANSWER_BYTES = 64 * 1024
/** Entra publishes about ten. */
const MAX_PROVIDER_KEYS = 50

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: secureUrl })

/** Public keys of an identity provider, by OpenID Connect Discovery. */
export class ProviderKeys {
  readonly #dependencies: ProviderKeysDependencies
  #kept: { readonly keySet: ProviderKeySet; readonly loadedAt: number } | undefined
  #failedAt = -Infinity
  #loading: Promise<ProviderKeySet> | undefined

  constructor(dependencies: ProviderKeysDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws Unavailable */
  async current(): Promise<ProviderKeySet> {
    return this.#keptFor(FRESH_SECONDS) ?? (await this.#load())
  }

  /** For a key id that {@link current} lacks: undefined if the keys were fetched a moment ago. @throws Unavailable */
  async newer(): Promise<ProviderKeySet | undefined> {
    return this.#keptFor(REFETCH_SECONDS) === undefined ? await this.#load() : undefined
  }

  #keptFor(seconds: number): ProviderKeySet | undefined {
    const kept = this.#kept
    return kept !== undefined && this.#dependencies.now() < kept.loadedAt + seconds ? kept.keySet : undefined
  }

  async #load(): Promise<ProviderKeySet> {
    const { observer, now } = this.#dependencies
    if (now() < this.#failedAt + RETRY_SECONDS) throw new Unavailable('the identity provider')
    this.#loading ??= observed(observer, () => this.#fetch()).finally(() => (this.#loading = undefined))
    try {
      const keySet = await this.#loading
      this.#kept = { keySet, loadedAt: now() }
      return keySet
    } catch (error) {
      this.#failedAt = now()
      throw new Unavailable('the identity provider', { cause: new Error(describeError(error)) })
    }
  }

  /** The document must name the configured issuer (OpenID Connect Discovery section 4.3). */
  async #fetch(): Promise<ProviderKeySet> {
    const { href } = this.#dependencies.issuer
    const metadata = metadataSchema.parse(
      await fetchJson(new URL(`${href.replace(/\/$/, '')}/.well-known/openid-configuration`)),
    )
    if (URL.parse(metadata.issuer)?.href !== href) throw new Error('discovery document of another issuer')
    const keys = readPublishedKeys(await fetchJson(metadata.jwks_uri), MAX_PROVIDER_KEYS)
    return { issuer: metadata.issuer, keyOf: createLocalJWKSet(keys) }
  }
}

async function fetchJson(url: URL): Promise<unknown> {
  const response = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(IDENTITY_PROVIDER_TIMEOUT_SECONDS * 1000),
    headers: { accept: 'application/json' },
  })
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel()
    throw new Error(`status ${response.status}`)
  }
  const bytes = await readBounded(response.body, MAX_ANSWER_BYTES)
  return JSON.parse(bytes.toString('utf8')) as unknown
}
