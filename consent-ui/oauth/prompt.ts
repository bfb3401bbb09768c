import { OAuthError } from './errors.ts'
import type { Parameters } from './parameters.ts'

/** How the person has to sign in for a request, where a sign-in from before will not do. */
export interface Reauthentication {
  /** The identity provider is to have them sign in, or choose an account, whichever is signed in there. */
  readonly prompt?: 'login' | 'select_account'
  /** How long ago they may have proven at the identity provider who they are. */
  readonly maxAgeSeconds?: number
}

/** What a request says of the pages that the person is to see. */
export interface PromptRequest extends Reauthentication {
  /** `prompt=none`: they are to see none. */
  readonly isSilent: boolean
  /** `prompt=consent`: they are to be asked, whatever they answered before. */
  readonly wantsConsent: boolean
}

/** Many providers know no account selection, and refuse what they do not know: to sign in anew is a choice as well. */
const SIGN_IN_ANEW = ['login', 'select_account']

/**
 * `prompt` and `max_age` (OpenID Connect Core section 3.1.2.1). Values of `prompt` that we do not know are
 * overlooked, as unknown parameters are.
 *
 * @throws OAuthError `invalid_request`
 */
export function readPrompt(parameters: Parameters): PromptRequest {
  const asked = new Set((parameters.get('prompt') ?? '').split(' ').filter((value) => value !== ''))
  if (asked.has('none') && asked.size > 1) {
    throw new OAuthError('invalid_request', 'prompt=none stands alone')
  }
  const isAnew = SIGN_IN_ANEW.some((value) => asked.has(value))
  const maxAgeSeconds = readMaxAge(parameters.get('max_age'))
  return {
    isSilent: asked.has('none'),
    wantsConsent: asked.has('consent'),
    ...(isAnew ? { prompt: 'login' } : {}),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
  }
}

/**
 * What is left to ask of the identity provider, given when the person last proved there who they are; undefined
 * when that will do.
 *
 * @param authenticatedAt - seconds since 1970; undefined where nobody knows
 */
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
