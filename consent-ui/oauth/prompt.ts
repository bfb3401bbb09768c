import { OAuthError } from './errors.ts'
import type { Parameters } from './parameters.ts'

/** The sign-in that a request asks for, if an earlier one is not enough. */
export interface Reauthentication {
  /** For the identity provider, even if the user is signed in there. */
  readonly prompt?: 'login' | 'select_account'
  /** Max age of the user's authentication at the identity provider. */
  readonly maxAgeSeconds?: number
}

export interface PromptRequest extends Reauthentication {
  /** `prompt=none`: show no page. */
  readonly isNone: boolean
  /** `prompt=consent`: show the consent page, whatever the user answered before. */
  readonly wantsConsent: boolean
}

/** Many identity providers refuse `select_account`; a new sign-in lets the user choose too. */
const SIGN_IN_ANEW = ['login', 'select_account']

/** Reads `prompt` and `max_age` (OpenID Connect Core section 3.1.2.1). @throws OAuthError `invalid_request` */
export function readPrompt(parameters: Parameters): PromptRequest {
  const asked = new Set((parameters.get('prompt') ?? '').split(' ').filter((value) => value !== ''))
  if (asked.has('none') && asked.size > 1) {
    throw new OAuthError('invalid_request', 'prompt=none must not be combined with other values')
  }
  const isAnew = SIGN_IN_ANEW.some((value) => asked.has(value))
  const maxAgeSeconds = readMaxAge(parameters.get('max_age'))
  return {
    isNone: asked.has('none'),
    wantsConsent: asked.has('consent'),
    ...(isAnew ? { prompt: 'login' } : {}),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
  }
}

/** True if a sign-in of which only the time is unknown may not be enough. */
export function mayNeedNewSignIn({ prompt, maxAgeSeconds }: PromptRequest): boolean {
  return prompt !== undefined || maxAgeSeconds !== undefined
}

/** Undefined if the last sign-in is enough. `authenticatedAt` is in seconds since 1970; undefined if unknown. */
export function reauthenticationFor(
  { prompt, maxAgeSeconds }: PromptRequest,
  authenticatedAt: number | undefined,
  now: number,
): Reauthentication | undefined {
  const isRecent =
    maxAgeSeconds === undefined || (authenticatedAt !== undefined && authenticatedAt + maxAgeSeconds >= now)
  if (prompt === undefined && isRecent) return undefined
  return {
    ...(prompt === undefined ? {} : { prompt }),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
  }
}

function readMaxAge(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new OAuthError('invalid_request', 'max_age must be a number of seconds')
  return Number(text)
}
