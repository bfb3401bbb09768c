import { decodeJwt, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { sha256 } from '../../core/keys/hash.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { ClientKeys } from './client.ts'

/** Remembers assertions that were used. */
export interface UsedAssertions {
  /** False when it was used before. Throws when the store cannot answer. */
  use(hash: string, seconds: number): Promise<boolean>
}

export interface AssertionParts {
  /** What an assertion may be addressed to: the issuer, or an endpoint that takes it. */
  readonly audiences: readonly string[]
  readonly keysOf: (keys: ClientKeys) => JWTVerifyGetKey
  readonly used: UsedAssertions
  /** Seconds since 1970. */
  readonly now: () => number
}

/** @throws OAuthError `invalid_client`; Unavailable when the keys cannot be fetched */
export type AssertionChecker = (
  assertion: string,
  expected: { readonly clientId: string; readonly keys: ClientKeys },
) => Promise<void>

export const ASSERTION_ALGORITHMS = ['RS256', 'ES256'] as const
/** An assertion is made for one request. */
const LONGEST_LIFE_SECONDS = 600
const CLOCK_TOLERANCE_SECONDS = 60
const LONGEST_JTI = 500

const claimsSchema = z.object({
  exp: z.number(),
  jti: z.string().min(1).max(LONGEST_JTI),
  // One audience alone: with several, who shares it could use it here (RFC 7523bis).
  aud: z.union([z.string(), z.array(z.string()).length(1)]),
})

/** `private_key_jwt` (RFC 7523 sections 2.2 and 3): signed by the client's key, for us, once, and soon over. */
export function assertionChecker(parts: AssertionParts): AssertionChecker {
  return async function checkAssertion(assertion, { clientId, keys }) {
    const { payload } = await jwtVerify(assertion, parts.keysOf(keys), {
      algorithms: [...ASSERTION_ALGORITHMS],
      issuer: clientId,
      subject: clientId,
      audience: [...parts.audiences],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(parts.now() * 1000),
    }).catch((error: unknown) => {
      if (error instanceof errors.JOSEError) throw refused(error.message)
      throw error
    })
    const { success, data } = claimsSchema.safeParse(payload)
    if (!success) throw refused('it needs exp, jti and one aud')
    const secondsLeft = Math.ceil(data.exp) - parts.now()
    if (secondsLeft > LONGEST_LIFE_SECONDS + CLOCK_TOLERANCE_SECONDS) throw refused('exp is too far away')
    // Remembered until nobody could use it any more.
    const seconds = secondsLeft + CLOCK_TOLERANCE_SECONDS + 1
    const hash = sha256(JSON.stringify([clientId, data.jti]))
    if (!(await parts.used.use(hash, seconds))) throw refused('its jti was used before')
  }
}

/** Whom an assertion names, unproven; undefined where it cannot be read. */
export function assertedClient(assertion: string | undefined): string | undefined {
  if (assertion === undefined) return undefined
  try {
    return decodeJwt(assertion).sub
  } catch {
    return undefined
  }
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_client', `the client_assertion is refused: ${description}`)
}
