import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import type { AccessTokenClaims } from '../../core/tokens/access-token.ts'
import type { VerificationKeys } from '../../core/tokens/verification-keys.ts'
import { verifyAccessToken } from '../../core/tokens/verify-access-token.ts'

export interface OwnTokenDependencies {
  readonly issuer: string
  readonly keys: VerificationKeys
  /** True if Redis says that a key signs access tokens. */
  readonly isSigning: (keyId: string) => Promise<boolean>
  readonly now: () => number
}

/**
 * The claims of an access token that we issued and that has not expired; undefined for any other text.
 *
 * @throws MissingKeyError during a deployment: a newer consent-ui may have signed it
 */
export async function ownAccessToken(
  { issuer, keys, isSigning, now }: OwnTokenDependencies,
  token: string,
): Promise<AccessTokenClaims | undefined> {
  const verified = verifyAccessToken(token, keys, { issuer, now: now() })
  if (verified.ok) return verified.claims
  const { unknownKey } = verified
  if (unknownKey !== undefined && (await isSigning(unknownKey))) {
    throw new MissingKeyError(unknownKey, 'signing')
  }
  return undefined
}
