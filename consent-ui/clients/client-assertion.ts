import { decodeJwt, errors, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { sha256 } from '../../core/keys/hash.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { ClientKeys } from './client.ts'

export interface UsedAssertions {
  /** False if it was used before. Throws if Redis fails. */
  use(hash: string, seconds: number): Promise<boolean>
}

export interface AssertionDependencies {
  /** Accepted `aud` values: the issuer and the endpoints that take assertions. */
  readonly audiences: readonly string[]
  readonly keysOf: (keys: ClientKeys) => JWTVerifyGetKey
  readonly used: UsedAssertions
  /** Seconds since 1970. */
  readonly now: () => number
}

/** @throws OAuthError `invalid_client`; Unavailable if the keys cannot be fetched */
export type AssertionChecker = (
  assertion: string,
  expected: { readonly clientId: string; readonly keys: ClientKeys },
) => Promise<void>

export const ASSERTION_ALGORITHMS = ['RS256', 'ES256'] as const
const MAX_LIFE_SECONDS = 600
const CLOCK_TOLERANCE_SECONDS = 60
export const MAX_JTI_CHARACTERS = 500

const claimsSchema = z.object({
  exp: z.number(),
  jti: z.string().min(1).max(MAX_JTI_CHARACTERS),
  // One audience: another of several could replay the assertion here (RFC 7523bis).
  aud: z.union([z.string(), z.array(z.string()).length(1)]),
})

/** Checks `private_key_jwt` (RFC 7523 sections 2.2 and 3): signature, audience, expiry and single use. */
export function assertionChecker(dependencies: AssertionDependencies): AssertionChecker {
  return async function checkAssertion(assertion, { clientId, keys }) {
    const { payload } = await jwtVerify(assertion, dependencies.keysOf(keys), {
      algorithms: [...ASSERTION_ALGORITHMS],
      issuer: clientId,
      subject: clientId,
      audience: [...dependencies.audiences],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(dependencies.now() * 1000),
    }).catch((error: unknown) => {
      if (error instanceof errors.JOSEError) throw refused(error.message)
      throw error
    })
    const { success, data } = claimsSchema.safeParse(payload)
    if (!success) throw refused('it needs exp, jti and exactly one aud')
    const secondsLeft = Math.ceil(data.exp) - dependencies.now()
    if (secondsLeft > MAX_LIFE_SECONDS + CLOCK_TOLERANCE_SECONDS)
      throw refused(`exp must be within ${MAX_LIFE_SECONDS} seconds`)
    const seconds = secondsLeft + CLOCK_TOLERANCE_SECONDS + 1
    const hash = sha256(JSON.stringify([clientId, data.jti]))
    if (!(await dependencies.used.use(hash, seconds))) throw refused('its jti was used before')
  }
}

/** The client that an assertion names, not verified; undefined if it cannot be read. */
export function assertedClient(assertion: string | undefined): string | undefined {
  if (assertion === undefined) return undefined
  try {
    return decodeJwt(assertion).sub
  } catch {
    return undefined
  }
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_client', `client_assertion refused: ${description}`)
}
