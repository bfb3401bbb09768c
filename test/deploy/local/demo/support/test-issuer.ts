import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'
import { start, type Started } from './start.ts'

/** An identity provider that signs whatever a test wants to be signed. */
export interface TestIssuer extends Started {
  sign(claims: JWTPayload): Promise<string>
  /** Signed by a key that the identity provider does not publish. */
  forge(claims: JWTPayload): Promise<string>
}

export async function startTestIssuer(): Promise<TestIssuer> {
  const [real, other] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')])
  const jwk = { ...(await exportJWK(real.publicKey)), alg: 'RS256', use: 'sig', kid: 'test' }
  const started = await start((issuer) => (request, response) => {
    response.setHeader('content-type', 'application/json')
    const metadata = { issuer, jwks_uri: `${issuer}/jwks` }
    response.end(JSON.stringify(request.url === '/jwks' ? { keys: [jwk] } : metadata))
  })
  const signWith = (key: CryptoKey) => (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'test' }).sign(key)
  return { ...started, sign: signWith(real.privateKey), forge: signWith(other.privateKey) }
}
