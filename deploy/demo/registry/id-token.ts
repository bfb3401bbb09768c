import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import {
  IDENTITY_PROVIDER_TIMEOUT_MS,
  IdentityProviderUnavailable,
  type ProviderMetadata,
} from './identity-provider-metadata.ts'
import type { Log } from '../../../core/log/log.ts'

export interface IdTokenCheckOptions {
  readonly metadata: () => Promise<ProviderMetadata>
  readonly audience: string
  /** Seconds since 1970. */
  readonly now: () => number
  readonly log: Log
}

export class IdTokenRefused extends Error {
  readonly reason: string

  constructor(reason: string) {
    super('the ID token was refused')
    this.name = 'IdTokenRefused'
    this.reason = reason
  }
}

/**
 * Returns the verified e-mail of an ID token (OpenID Connect Core section 3.1.3.7).
 *
 * @throws IdTokenRefused, IdentityProviderUnavailable
 */
export type IdTokenCheck = (idToken: string) => Promise<string>

/** RS256 is the default of OpenID Connect. Symmetric algorithms and `none` are refused. */
const ALGORITHMS = ['RS256', 'ES256']

/** Errors of jose about the token; all others are about fetching the keys. */
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

export function idTokenCheck(options: IdTokenCheckOptions): IdTokenCheck {
  const verify = tokenCheck(options)
  return (idToken) => verify(idToken, (payload) => verifiedEmail(payload, options.audience))
}

/**
 * Returns the subject of an identity assertion (ID-JAG) for Connect, whose issuer is the audience. No public source says
 * that a Registry accepts one.
 */
export function assertionCheck(options: IdTokenCheckOptions): IdTokenCheck {
  const verify = tokenCheck(options, 'oauth-id-jag+jwt')
  return (assertion) => verify(assertion, ({ sub = '' }) => sub)
}

/** Fetches the identity provider's keys at the first check, and logs refused tokens. */
function tokenCheck({ metadata, audience, now, log }: IdTokenCheckOptions, typ?: string) {
  let keys: JWTVerifyGetKey | undefined

  async function verify(token: string): Promise<JWTPayload> {
    const { issuer, jwks_uri: url } = await metadata()
    keys ??= createRemoteJWKSet(new URL(url), { timeoutDuration: IDENTITY_PROVIDER_TIMEOUT_MS })
    const currentDate = new Date(now() * 1000)
    const requiredClaims = ['exp', 'sub']
    const rules = { issuer, audience, algorithms: ALGORITHMS, currentDate, requiredClaims }
    return (await jwtVerify(token, keys, typ === undefined ? rules : { ...rules, typ }).catch(sorted)).payload
  }

  return async (token: string, read: (payload: JWTPayload) => string): Promise<string> => {
    try {
      return read(await verify(token))
    } catch (error) {
      if (error instanceof IdTokenRefused) log.warn({ reason: error.reason }, 'subject token refused')
      throw error
    }
  }
}

function sorted(error: unknown): never {
  if (error instanceof errors.JOSEError && TOKEN_FAULTS.some((fault) => error instanceof fault)) {
    throw new IdTokenRefused(error.code)
  }
  throw new IdentityProviderUnavailable({ cause: error })
}

function verifiedEmail(payload: JWTPayload, audience: string): string {
  // `azp` names the client of a token with several audiences.
  if (payload.azp !== undefined && payload.azp !== audience) throw new IdTokenRefused('azp')
  if (typeof payload.email !== 'string') throw new IdTokenRefused('no e-mail')
  if (payload.email_verified !== true) throw new IdTokenRefused('e-mail not verified')
  return payload.email
}
