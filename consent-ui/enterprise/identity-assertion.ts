import { errors, jwtVerify, type JWTPayload } from 'jose'
import { z } from 'zod'
import { ASSERTION_ALGORITHMS, MAX_JTI_CHARACTERS } from '../clients/client-assertion.ts'
import { OAuthError } from '../oauth/errors.ts'
import { assertedEmail, type EmailPolicy } from '../provider/email.ts'
import type { ProviderKeys, ProviderKeySet } from '../provider/provider-keys.ts'
import { SignInRefused } from '../provider/sign-in-refused.ts'

/** A verified Identity Assertion JWT Authorization Grant (ID-JAG). Times are seconds since 1970. */
export interface AssertedIdentity {
  /** A secret: it is exchanged for a Quilt credential. */
  readonly token: string
  readonly issuer: string
  readonly subject: string
  /** Undefined without an address that the identity provider verified. */
  readonly email: string | undefined
  readonly clientId: string
  readonly id: string
  readonly issuedAt: number
  readonly expiresAt: number
  /** Undefined if the assertion names none. */
  readonly resources: readonly string[] | undefined
  readonly scope: string | undefined
}

interface AssertionRules extends EmailPolicy {
  /** Our issuer. */
  readonly audience: string
  readonly tenant: string | undefined
  readonly keys: ProviderKeys
  /** Seconds since 1970. */
  readonly now: () => number
}

/** @throws OAuthError `invalid_grant`; Unavailable if the identity provider's keys cannot be fetched */
export type AssertionCheck = (token: string) => Promise<AssertedIdentity>

/** RFC 7523 section 2.1. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const TYPE = 'oauth-id-jag+jwt'
/** Identity providers issue them for 5 minutes. */
const MAX_LIFE_SECONDS = 600
/** Difference between the identity provider's clock and ours. */
export const ASSERTION_CLOCK_SECONDS = 60
const MAX_SUBJECT_CHARACTERS = 255
const MAX_RESOURCES = 16

const claimsSchema = z.object({
  // One audience: another of several could replay the assertion here (RFC 7523bis).
  aud: z.string(),
  sub: z.string().min(1).max(MAX_SUBJECT_CHARACTERS),
  client_id: z.string().min(1),
  jti: z.string().min(1).max(MAX_JTI_CHARACTERS),
  iat: z.number(),
  exp: z.number(),
  resource: z.union([z.string(), z.array(z.string()).min(1).max(MAX_RESOURCES)]).optional(),
  scope: z.string().optional(),
  tenant: z.string().optional(),
})

type Claims = z.output<typeof claimsSchema>

/**
 * Checks type, signature, issuer, audience and times of an ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant-04
 * section 4.4.1, MCP Enterprise-Managed Authorization section 7.4). Client and single use are checked by the caller.
 */
export function assertionCheck(rules: AssertionRules): AssertionCheck {
  return async function checkAssertion(token) {
    const payload = await verified(token, await rules.keys.current())
    const { success, data, error } = claimsSchema.safeParse(payload)
    if (!success) throw refused(`its ${String(error.issues[0]?.path[0])} is missing or malformed`)
    checkTimes(data)
    // Proof of possession (DPoP) is not supported, and a bound assertion must not count without it.
    if (payload.cnf !== undefined) throw refused('it is bound to a key, which this server does not support')
    if (data.tenant !== rules.tenant) throw refused('its tenant is not the organisation of this server')
    return { ...identityOf(data, emailIn(payload)), token, issuer: String(payload.iss) }
  }

  /** A key id that the provider's keys lack may be of a new key. */
  async function verified(token: string, { issuer, keyOf }: ProviderKeySet): Promise<JWTPayload> {
    const options = {
      typ: TYPE,
      algorithms: [...ASSERTION_ALGORITHMS],
      issuer,
      audience: rules.audience,
      clockTolerance: ASSERTION_CLOCK_SECONDS,
      currentDate: new Date(rules.now() * 1000),
    }
    try {
      return (await jwtVerify(token, keyOf, options)).payload
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error
      const newer = error instanceof errors.JWKSNoMatchingKey ? await rules.keys.newer() : undefined
      if (newer === undefined) throw refused(error.message)
      return await verified(token, newer)
    }
  }

  function checkTimes({ iat, exp }: Claims): void {
    if (iat > rules.now() + ASSERTION_CLOCK_SECONDS) throw refused('its iat is in the future')
    if (exp - iat > MAX_LIFE_SECONDS) throw refused(`it may be valid for at most ${MAX_LIFE_SECONDS} seconds`)
  }

  function emailIn(payload: JWTPayload): string | undefined {
    try {
      return assertedEmail(payload, rules)
    } catch (error) {
      if (error instanceof SignInRefused) throw refused(error.reason)
      throw error
    }
  }
}

function identityOf(claims: Claims, email: string | undefined) {
  const { sub, client_id: clientId, jti, iat, exp, resource, scope } = claims
  return {
    subject: sub,
    email,
    clientId,
    id: jti,
    issuedAt: iat,
    expiresAt: exp,
    resources: typeof resource === 'string' ? [resource] : resource,
    scope,
  }
}

function refused(description: string): OAuthError {
  return new OAuthError('invalid_grant', `assertion refused: ${description}`)
}
