import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'
import { start, type Started } from './start.ts'

/** An identity provider that signs any claims. */
export interface TestIssuer extends Started {
  /** As its discovery document and its ID tokens name it. */
  readonly issuer: string
  sign(claims: JWTPayload, typ?: string): Promise<string>
  /** Signed by a key that the identity provider does not publish. */
  forge(claims: JWTPayload): Promise<string>
}

/** @param path - of the issuer; the discovery document is below it only */
export async function startTestIssuer(path = ''): Promise<TestIssuer> {
  const [real, other] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')])
  const jwk = { ...(await exportJWK(real.publicKey)), alg: 'RS256', use: 'sig', kid: 'test' }
  const discovery = `${path.replace(/\/$/, '')}/.well-known/openid-configuration`
  const started = await start((origin) => (request, response) => {
    const answers: Record<string, unknown> = {
      '/jwks': { keys: [jwk] },
      [discovery]: { issuer: origin + path, jwks_uri: `${origin}/jwks` },
    }
    const answer = answers[request.url ?? '']
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? {}))
  })
  const signWith = (key: CryptoKey) => (claims: JWTPayload, typ?: string) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'test', ...(typ === undefined ? {} : { typ }) })
      .sign(key)
  const issuer = started.origin + path
  return { ...started, issuer, sign: signWith(real.privateKey), forge: signWith(other.privateKey) }
}
