import { z } from 'zod'
import type { Person, QuiltCredential } from '../../core/session.ts'
import { REGISTRY_TIMEOUT_MS } from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'

/** Where the Quilt credential comes from: RFC 8693 token exchange at the Registry. */
export interface RegistrySettings {
  readonly url: URL
  readonly tokenExchangeUrl: URL
  readonly clientId: string
  readonly clientSecret: string
}

/** The Registry does not know this person, or not any more; `reason` is for the log and names no secret. */
export class RegistryRefused extends Error {
  readonly reason: string

  constructor(reason: string) {
    super('the Registry refused')
    this.name = 'RegistryRefused'
    this.reason = reason
  }
}

/** The part of the Quilt Registry's API that signing in calls. Both throw RegistryRefused or Unavailable. */
export interface Registry {
  /** The person's own Quilt credential, for an ID token of theirs. */
  exchange(idToken: string, now: number): Promise<QuiltCredential>
  /** Who a Quilt credential belongs to (`GET /api/me`). */
  whoIs(credential: QuiltCredential): Promise<Person>
}

const exchangeSchema = z.object({
  access_token: z.string().min(1),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive(),
})
const meSchema = z.object({
  current_user: z.string().min(1),
  email: z.string(),
  is_active: z.boolean().optional(),
})
const refusalSchema = z.object({ message: z.string().optional(), error: z.string().optional() })

export function createRegistry(settings: RegistrySettings): Registry {
  return {
    async exchange(idToken, now) {
      const answer = await ask(settings.tokenExchangeUrl, {
        method: 'POST',
        headers: { authorization: basic(settings) },
        body: new URLSearchParams({
          grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
          subject_token: idToken,
          subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
        }),
      })
      const { access_token: token, expires_in: lifetimeSeconds } = understood(exchangeSchema, answer)
      return { token, expiresAt: Math.floor(now + lifetimeSeconds) }
    },

    async whoIs(credential) {
      const url = new URL('api/me', withSlash(settings.url))
      const answer = await ask(url, { headers: { authorization: `Bearer ${credential.token}` } })
      const me = understood(meSchema, answer)
      if (me.is_active === false) throw new RegistryRefused('account is inactive')
      return { name: me.current_user, email: me.email }
    },
  }
}

async function ask(url: URL, request: RequestInit): Promise<unknown> {
  const signal = AbortSignal.timeout(REGISTRY_TIMEOUT_MS)
  try {
    const response = await fetch(url, { ...request, signal, redirect: 'error' })
    const answer: unknown = await response.json()
    if (response.ok) return answer
    if (response.status >= 400 && response.status < 500 && response.status !== 429) {
      throw new RegistryRefused(refusalOf(response.status, answer))
    }
    throw new Error(`status ${response.status}`)
  } catch (error) {
    if (error instanceof RegistryRefused) throw error
    throw new Unavailable('the Quilt Registry', { cause: error })
  }
}

/** An answer that is not as documented is the Registry's trouble, not the person's. */
function understood<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  throw new Unavailable('the Quilt Registry', { cause: new Error('an answer that is not as documented') })
}

function refusalOf(status: number, answer: unknown): string {
  const { message, error } = refusalSchema.safeParse(answer).data ?? {}
  return `${status} ${message ?? error ?? ''}`.trim()
}

/** RFC 6749 section 2.3.1: both parts are form-encoded before they are joined. */
function basic({ clientId, clientSecret }: RegistrySettings): string {
  const encoded = [clientId, clientSecret].map((part) => encodeURIComponent(part)).join(':')
  return `Basic ${Buffer.from(encoded).toString('base64')}`
}

function withSlash(url: URL): string {
  return url.href.endsWith('/') ? url.href : `${url.href}/`
}
