import { SignJWT, type JWTPayload } from 'jose'
import { signingKey } from '../../../../consent-ui/keys/signing-keys.ts'
import { keyList, keyRing } from '../../../../core/keys/keys.ts'
import type { Stack } from '../../../../deploy/local/stack.ts'

/**
 * Another access token of the same session, as genuine as the one given.
 *
 * @param seconds - until it expires, from now on; below 0 when it has expired already
 */
export async function tokenExpiringIn(
  { origin, secrets }: Pick<Stack, 'origin' | 'secrets'>,
  accessToken: string,
  seconds: number,
): Promise<string> {
  const [header = '', payload = ''] = accessToken
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString())
  const { privateKey } = signingKey(keyRing(origin, keyList('signing').parse(secrets.signingKeys)))
  const exp = Math.floor(Date.now() / 1000) + seconds
  const claims = { ...(JSON.parse(payload) as JWTPayload), iat: exp - 3600, exp }
  return await new SignJWT(claims).setProtectedHeader(JSON.parse(header) as { alg: string }).sign(privateKey)
}
