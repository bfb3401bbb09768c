import {
  ACCESS_TOKEN_TYPE,
  type AccessTokenClaims,
  type Expectation,
  type TokenFault,
  type VerifiedToken,
} from './access-token.ts'
import type { SignedToken } from './signed-token.ts'

const TIMES = ['iat', 'exp'] as const
const TEXTS = ['iss', 'aud', 'sub', 'client_id', 'scope', 'sid', 'jti', 'k'] as const

type Claimed = Readonly<Partial<Record<keyof AccessTokenClaims | 'nbf', unknown>>>

/** Checks a token's type and claims (RFC 9068 section 4, RFC 7519 section 4.1), but not its signature. */
export function judgeClaims({ header, payload }: SignedToken, expectation: Expectation): VerifiedToken {
  if (payload === undefined || !isAccessToken(header.typ)) return { ok: false, fault: 'malformed' }
  const fault = claimsFault(payload, expectation)
  if (fault !== undefined) return { ok: false, fault }
  return hasOurShape(payload) ? { ok: true, claims: claimsOf(payload) } : { ok: false, fault: 'malformed' }
}

/** RFC 9068 section 2.1: in any case, with or without `application/` (RFC 7515 section 4.1.9). */
function isAccessToken(typ: unknown): boolean {
  if (typeof typ !== 'string') return false
  return [ACCESS_TOKEN_TYPE, `application/${ACCESS_TOKEN_TYPE}`].includes(typ.toLowerCase())
}

function claimsFault(claimed: Claimed, { issuer, audience, now }: Expectation): TokenFault | undefined {
  if ([...TEXTS, ...TIMES].some((name) => !Object.hasOwn(claimed, name))) return 'malformed'
  if (claimed.iss !== issuer) return 'wrong_issuer'
  if (audience !== undefined && !audiencesOf(claimed.aud).includes(audience)) return 'wrong_audience'
  return timesFault(claimed, now)
}

function timesFault({ iat, nbf, exp }: Claimed, now: number): TokenFault | undefined {
  if (typeof iat !== 'number' || typeof exp !== 'number') return 'malformed'
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now)) return 'malformed'
  return exp <= now ? 'expired' : undefined
}

function audiencesOf(aud: unknown): readonly unknown[] {
  return Array.isArray(aud) ? aud : [aud]
}

/** Excludes a list of audiences and empty strings. */
function hasOurShape(claimed: Claimed): claimed is AccessTokenClaims {
  return TEXTS.every((name) => typeof claimed[name] === 'string' && claimed[name] !== '')
}

/** Drops all other claims. */
function claimsOf({ iss, aud, sub, client_id, scope, sid, jti, iat, exp, k }: AccessTokenClaims) {
  return { iss, aud, sub, client_id, scope, sid, jti, iat, exp, k }
}
