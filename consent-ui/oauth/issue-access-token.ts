import type { KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { ACCESS_TOKEN_ALGORITHM, ACCESS_TOKEN_TYPE } from '../../core/tokens/access-token.ts'
import { randomSecret } from '../../core/keys/hash.ts'
import type { Session } from '../../core/sessions/session.ts'

export interface TokenIssuer {
  readonly issuer: string
  readonly kid: string
  readonly privateKey: KeyObject
}

/** Issues an access token (RFC 9068) of a session. */
export async function issueAccessToken(
  { issuer, kid, privateKey }: TokenIssuer,
  { session, share }: { readonly session: Session; readonly share: string },
  time: { readonly now: number; readonly seconds: number },
): Promise<string> {
  return await new SignJWT({ client_id: session.clientId, scope: session.scope, sid: session.id, k: share })
    .setProtectedHeader({ alg: ACCESS_TOKEN_ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid })
    .setIssuer(issuer)
    .setAudience(session.resource)
    .setSubject(session.person.name)
    .setJti(randomSecret())
    .setIssuedAt(time.now)
    .setExpirationTime(time.now + time.seconds)
    .sign(privateKey)
}
