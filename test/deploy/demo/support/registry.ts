import type { JWTPayload } from 'jose'
import { PEOPLE, type DemoPerson } from '../../../../deploy/demo/people.ts'
import { createRegistry } from '../../../../deploy/demo/registry/server.ts'
import { SILENT, start, type Started } from './start.ts'
import { startTestIssuer, type TestIssuer } from './test-issuer.ts'

/** Names with characters that form-encoding changes. */
export const CLIENT = { id: 'connect+server', secret: 's3cret:/&% é' }
/** Connect's issuer. */
export const ASSERTION_AUDIENCE = 'https://connect.example'
export const TOKEN_SECONDS = 3600
const ID_TOKEN_SECONDS = 300

export interface StartedRegistry extends Started {
  readonly issuer: TestIssuer
  /** The Registry's clock, seconds since 1970. */
  clock: number
  /** Claims of a valid ID token for this user. */
  claimsOf(person: DemoPerson): JWTPayload
  exchange(request: ExchangeRequest): Promise<Response>
  tokenOf(person: DemoPerson): Promise<string>
}

export interface ExchangeRequest {
  readonly form: Record<string, string> | string
  readonly authorization?: string
}

/** A Registry with an identity provider that signs any claims, at an issuer with this path. */
export async function startRegistry(issuerPath = ''): Promise<StartedRegistry> {
  const issuer = await startTestIssuer(issuerPath)
  const started = await start(() =>
    createRegistry({
      identityProvider: issuer.issuer,
      client: CLIENT,
      assertionAudience: ASSERTION_AUDIENCE,
      people: PEOPLE,
      tokenSeconds: TOKEN_SECONDS,
      log: SILENT,
      now: () => registry.clock,
    }),
  )

  const registry: StartedRegistry = {
    ...started,
    issuer,
    clock: Math.floor(Date.now() / 1000),
    claimsOf: ({ sub, email }) => ({
      iss: issuer.issuer,
      aud: CLIENT.id,
      sub,
      exp: registry.clock + ID_TOKEN_SECONDS,
      iat: registry.clock,
      email,
      email_verified: true,
    }),
    exchange: ({ form, authorization = basic(CLIENT.id, CLIENT.secret) }) =>
      fetch(`${started.origin}/api/token-exchange`, {
        method: 'POST',
        headers: { authorization },
        body: new URLSearchParams(form),
      }),
    async tokenOf(person) {
      const subjectToken = await issuer.sign(registry.claimsOf(person))
      const response = await registry.exchange({ form: exchangeForm(subjectToken) })
      const { access_token: token } = (await response.json()) as { access_token: string }
      return token
    },
  }
  return registry
}

/** RFC 6749 section 2.3.1. */
export function basic(id: string, secret: string): string {
  const encoded = [id, secret].map((part) => new URLSearchParams({ part }).toString().slice('part='.length))
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`
}

/** RFC 8693 section 2.1. */
export function exchangeForm(subjectToken: string): Record<string, string> {
  return {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: subjectToken,
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
  }
}
