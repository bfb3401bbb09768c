import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import {
  IDENTITY_PROVIDER_TIMEOUT_MS,
  IdentityProviderUnavailable,
  type ProviderMetadata,
} from './identity-provider-metadata.ts'

export interface IdTokenRules {
  readonly metadata: () => Promise<ProviderMetadata>
  readonly audience: string
  /** Seconds since 1970. */
  readonly now: () => number
}

/** The ID token proves nothing; `reason` is for the log. */
export class IdTokenRefused extends Error {
  readonly reason: string

  constructor(reason: string) {
    super('the ID token was refused')
    this.name = 'IdTokenRefused'
    this.reason = reason
  }
}

/**
 * Finds out whose e-mail an ID token proves (OpenID Connect Core section 3.1.3.7).
 *
 * @throws IdTokenRefused, IdentityProviderUnavailable
 */
export type IdTokenCheck = (idToken: string) => Promise<string>

/** RS256 by default, ES256 where the provider was set up so; never a symmetric one or none. */
const ALGORITHMS = ['RS256', 'ES256']

/** What jose says about the token itself; everything else is about getting the keys. */
const TOKEN_FAULTS = [
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
]

/** Checks against the identity provider's own keys, which are found by discovery when they are first needed. */
export function idTokenCheck({ metadata, audience, now }: IdTokenRules): IdTokenCheck {
  let keys: JWTVerifyGetKey | undefined

  return async (idToken) => {
    const { issuer, jwks_uri: url } = await metadata()
    keys ??= createRemoteJWKSet(new URL(url), { timeoutDuration: IDENTITY_PROVIDER_TIMEOUT_MS })
    const currentDate = new Date(now() * 1000)
    const rules = { issuer, audience, algorithms: ALGORITHMS, currentDate, requiredClaims: ['exp', 'sub'] }
    const { payload } = await jwtVerify(idToken, keys, rules).catch(sorted)
    return verifiedEmail(payload, audience)
  }
}

function sorted(error: unknown): never {
  if (error instanceof errors.JOSEError && TOKEN_FAULTS.some((fault) => error instanceof fault)) {
    throw new IdTokenRefused(error.code)
  }
  throw new IdentityProviderUnavailable({ cause: error })
}

function verifiedEmail(payload: JWTPayload, audience: string): string {
  // A token for several audiences was made for the one in `azp`.
  if (payload.azp !== undefined && payload.azp !== audience) throw new IdTokenRefused('azp')
  if (typeof payload.email !== 'string') throw new IdTokenRefused('no e-mail')
  if (payload.email_verified !== true) throw new IdTokenRefused('e-mail not verified')
  return payload.email
}
