import { errors, jwtVerify, type JWTVerifyResult } from 'jose'
import { z } from 'zod'
import { sha256 } from '../../core/keys/hash.ts'
import { OAuthError, Unavailable } from '../oauth/errors.ts'
import type { ProviderKeys, ProviderKeySet } from '../provider/provider-keys.ts'
import { isSessionId } from '../provider/signed-in.ts'
import type { LoggedOut } from '../store/provider-sessions.ts'

export interface LogoutToken extends LoggedOut {
  /** Names the token among used ones. */
  readonly hash: string
  /** Until it can no longer be used. */
  readonly secondsLeft: number
}

interface Expected {
  readonly clientId: string
  readonly keys: ProviderKeys
  /** Seconds since 1970. */
  readonly now: number
}

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
/** Public-key algorithms: our client secret must not verify anything. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]
/** `logout+jwt` is recommended; older providers send `JWT` or nothing (section 2.4). Other types are not logouts. */
const TYPES = new Set([undefined, 'jwt', 'logout+jwt', 'application/logout+jwt'])
const CLOCK_TOLERANCE_SECONDS = 60
/** Section 2.4 recommends two minutes; some providers use the lifetime of their access tokens. */
const MAX_AGE_SECONDS = 3600
const MAX_TOKEN_CHARACTERS = 16_384
const MAX_CLAIM_CHARACTERS = 500

const sessionId = z.string().refine(isSessionId)
const claimsSchema = z
  .object({
    iss: z.string(),
    aud: z.union([z.string(), z.array(z.string()).length(1)]),
    iat: z.number(),
    exp: z.number(),
    jti: z.string().min(1).max(MAX_CLAIM_CHARACTERS),
    sub: z.string().min(1).max(MAX_CLAIM_CHARACTERS).optional(),
    sid: sessionId.optional(),
    events: z.looseObject({ [LOGOUT_EVENT]: z.looseObject({}) }),
    nonce: z.never().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined, { message: 'needs sub or sid' })

/**
 * Verifies a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6), but for its single use.
 *
 * @throws OAuthError `invalid_request`; Unavailable if the provider's keys cannot be fetched
 */
export async function readLogoutToken(token: string, expected: Expected): Promise<LogoutToken> {
  if (token.length > MAX_TOKEN_CHARACTERS) throw refused('it is too long')
  const { payload, protectedHeader } = await verified(token, expected).catch((error: unknown) => {
    throw error instanceof errors.JOSEError ? refused(ruleOf(error)) : error
  })
  if (!TYPES.has(protectedHeader.typ?.toLowerCase())) throw refused('typ is that of another token')
  const { data: claims, error } = claimsSchema.safeParse(payload)
  if (claims === undefined) throw refused(ruleOfClaims(error))
  const { iss: issuer, sub, sid, iat, exp, jti } = claims
  return {
    issuer,
    issuedAt: iat,
    ...(sub === undefined ? {} : { subject: sub }),
    ...(sid === undefined ? {} : { sid }),
    hash: sha256(JSON.stringify(['logout token', issuer, jti])),
    secondsLeft: Math.ceil(Math.min(exp, iat + MAX_AGE_SECONDS)) - expected.now + CLOCK_TOLERANCE_SECONDS + 1,
  }
}

/** A key id that the provider's keys lack may be of a new key. */
async function verified(token: string, expected: Expected): Promise<JWTVerifyResult> {
  try {
    return await verifiedBy(await expected.keys.current(), token, expected)
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
    const newer = await expected.keys.newer()
    if (newer !== undefined) return await verifiedBy(newer, token, expected)
    // Only another fetch can tell a new key from a forged one: the provider sends the token again.
    throw new Unavailable('the identity provider', {
      cause: new Error('a key that was unknown a moment ago'),
    })
  }
}

async function verifiedBy({ issuer, keyOf }: ProviderKeySet, token: string, { clientId, now }: Expected) {
  return await jwtVerify(token, keyOf, {
    algorithms: ALGORITHMS,
    issuer,
    audience: clientId,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    maxTokenAge: MAX_AGE_SECONDS,
    currentDate: new Date(now * 1000),
  })
}

function ruleOfClaims({ issues: [issue] }: z.ZodError): string {
  const claim = issue?.path[0]
  return claim === undefined ? 'it names neither sub nor sid' : `${String(claim)} is missing or wrong`
}

/** Names the claim that failed, never its value. */
function ruleOf(error: errors.JOSEError): string {
  const claim = 'claim' in error && typeof error.claim === 'string' ? `${error.claim}: ` : ''
  return `${claim}${error.code}`
}

export function refused(rule: string): OAuthError {
  return new OAuthError('invalid_request', `logout_token refused: ${rule}`)
}
