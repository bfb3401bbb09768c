import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { DemoPerson } from '../../../deploy/demo/people.ts'
import { listenOnFreePort } from '../../support/free-port.ts'

/** The id of the client at Connect, as the organisation's administrator registered it. */
export const ASSISTANT = { id: 'assistant', secret: 'a-secret-of-the-assistant' }

export interface AssertionIssuer {
  readonly origin: string
  /** The ID token of a user who signed in to the assistant. */
  idTokenOf(person: DemoPerson): string
}

/** The organisation's identity provider: it exchanges ID tokens for identity assertions (RFC 8693). */
export async function startAssertionIssuer(): Promise<AssertionIssuer> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), alg: 'RS256', use: 'sig', kid: 'one' }
  const signedIn = new Map<string, DemoPerson>()

  async function assertionFor(form: URLSearchParams): Promise<string | undefined> {
    const person = signedIn.get(form.get('subject_token') ?? '')
    const isAsked = form.get('requested_token_type') === 'urn:ietf:params:oauth:token-type:id-jag'
    if (person === undefined || !isAsked) return undefined
    const { sub, email } = person
    const claims = { sub, email, email_verified: true, client_id: ASSISTANT.id, jti: randomUUID() }
    const about = { resource: form.get('resource'), scope: form.get('scope') ?? undefined }
    return await new SignJWT({ ...claims, ...about, iss: origin, aud: form.get('audience') ?? '' })
      .setProtectedHeader({ alg: 'RS256', kid: 'one', typ: 'oauth-id-jag+jwt' })
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey)
  }

  async function answer(path: string, body: string): Promise<object | undefined> {
    if (path === '/.well-known/openid-configuration') {
      const endpoints = { authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token` }
      const types = {
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      }
      return { issuer: origin, jwks_uri: `${origin}/jwks`, ...endpoints, ...types }
    }
    if (path === '/jwks') return { keys: [jwk] }
    const assertion = path === '/token' ? await assertionFor(new URLSearchParams(body)) : undefined
    if (assertion === undefined) return undefined
    const type = 'urn:ietf:params:oauth:token-type:id-jag'
    return { access_token: assertion, issued_token_type: type, token_type: 'N_A', expires_in: 300 }
  }

  const { origin } = await listenOnFreePort((request, response) => {
    void text(request)
      .then((body) => answer(request.url ?? '', body))
      .then((found) => {
        response.writeHead(found === undefined ? 400 : 200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(found ?? { error: 'invalid_request' }))
      })
  })
  return {
    origin,
    idTokenOf(person) {
      const idToken = randomUUID()
      signedIn.set(idToken, person)
      return idToken
    },
  }
}
