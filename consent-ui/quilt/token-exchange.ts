import { z } from 'zod'
import type { QuiltCredential } from '../../core/sessions/session.ts'
import { ROTATION_TIMEOUT_MS } from '../lifetimes.ts'
import type { RequestObserver } from '../../core/metrics/outgoing-requests.ts'
import { registryClient } from '../../core/quilt/registry-client.ts'
import { askRegistry, formRequest, REGISTRY_BOUNDS, type RegistryError } from './ask-registry.ts'

export interface TokenExchangeSettings {
  readonly url: URL
  readonly clientId: string
  readonly clientSecret: string
}

export interface Exchanged {
  readonly credential: QuiltCredential
  /** The Registry's own, if it issues one. */
  readonly refreshToken?: string
}

/** A token of the identity provider that names a user. */
export interface SubjectToken {
  readonly token: string
  readonly type: 'id_token' | 'id-jag'
}

/** Token exchange at the Registry. Both methods throw CredentialRefused or Unavailable. */
export interface TokenExchange {
  /** A Quilt credential for a token of the same user (RFC 8693 section 2.1). */
  exchange(subject: SubjectToken, now: number): Promise<Exchanged>
  /** The next one, for the refresh token of an exchange (RFC 6749 section 6). */
  refresh(refreshToken: string, now: number): Promise<Exchanged>
}

const answerSchema = z.object({
  access_token: z.string().min(1),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).optional(),
})

interface AskOptions {
  readonly isRefusal?: (error: RegistryError) => boolean
  readonly timeoutMs?: number
}

export function createTokenExchange(
  settings: TokenExchangeSettings,
  observer?: RequestObserver,
): TokenExchange {
  const send = registryClient(settings.url, REGISTRY_BOUNDS, observer)

  async function ask(
    form: Record<string, string>,
    now: number,
    { timeoutMs = REGISTRY_BOUNDS.timeoutMs, ...options }: AskOptions = {},
  ): Promise<Exchanged> {
    const request = { ...formRequest(form, { authorization: basic(settings) }), timeoutMs }
    const answer = await askRegistry(send, request, { schema: answerSchema, ...options })
    const { access_token: token, expires_in: lifetimeSeconds, refresh_token: refreshToken } = answer
    return {
      credential: { token, expiresAt: Math.floor(now + lifetimeSeconds) },
      ...(refreshToken === undefined ? {} : { refreshToken }),
    }
  }

  return {
    exchange: ({ token, type }, now) =>
      ask(
        {
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: token,
          subject_token_type: `urn:ietf:params:oauth:token-type:${type}`,
        },
        now,
      ),
    refresh: (refreshToken, now) =>
      ask({ grant_type: 'refresh_token', refresh_token: refreshToken }, now, {
        isRefusal: hasRefreshTokenEnded,
        timeoutMs: ROTATION_TIMEOUT_MS,
      }),
  }
}

/** RFC 6749 section 5.2. Any other refusal of a refresh token may pass. */
function hasRefreshTokenEnded({ status, error }: RegistryError): boolean {
  return status >= 400 && status < 500 && error === 'invalid_grant'
}

/** RFC 6749 section 2.3.1: both parts are form-encoded before they are joined. */
function basic({ clientId, clientSecret }: TokenExchangeSettings): string {
  const encoded = [clientId, clientSecret].map((part) => encodeURIComponent(part)).join(':')
  return `Basic ${Buffer.from(encoded).toString('base64')}`
}
