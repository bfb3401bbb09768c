import type { RequestListener } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose'

interface Key {
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

export interface Answer {
  readonly status: number
  readonly body: string
}

/** An identity provider with only a discovery document and keys, which a test changes. */
export class KeyedIssuer {
  readonly asked: string[] = []
  readonly instead = new Map<string, Answer>()
  /** Of the discovery document. */
  metadata: Readonly<Record<string, unknown>> = {}
  isDown = false
  keys: Key[] = []

  listener(issuer: string): RequestListener {
    return (request, response) => {
      const path = request.url ?? ''
      this.asked.push(path)
      if (this.isDown) {
        response.destroy()
        return
      }
      const answers = new Map<string, unknown>([
        ['/.well-known/openid-configuration', { issuer, jwks_uri: `${issuer}/jwks`, ...this.metadata }],
        ['/jwks', { keys: this.keys.map(({ jwk }) => jwk) }],
      ])
      const { status, body } = this.instead.get(path) ?? {
        status: answers.has(path) ? 200 : 404,
        body: JSON.stringify(answers.get(path) ?? {}),
      }
      response.writeHead(status, { 'content-type': 'application/json', location: `${issuer}/jwks` }).end(body)
    }
  }

  timesAsked(path: string): number {
    return this.asked.filter((asked) => asked === path).length
  }

  async newKey(kid: string, alg: 'RS256' | 'ES256' = 'ES256'): Promise<Key> {
    const { privateKey, publicKey } = await generateKeyPair(alg)
    return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
  }
}

export async function signBy({ privateKey, jwk }: Key, claims: JWTPayload): Promise<string> {
  const { alg = '', kid = '' } = jwk
  return await new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'oauth-id-jag+jwt' }).sign(privateKey)
}
