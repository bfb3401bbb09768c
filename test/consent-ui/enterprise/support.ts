import { createHash, randomUUID } from 'node:crypto'
import { importJWK, SignJWT, type CryptoKey, type JWK, type JWTHeaderParameters, type JWTPayload } from 'jose'
import { ADA, type DemoPerson } from '../../../deploy/demo/people.ts'
import { post, type Answer, type HeaderFields } from '../support/answer.ts'
import { basic } from '../support/confidential-client.ts'
import { startConnect, type Connect, type ConnectOptions } from '../support/connect.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** Clients that the operator allows; `reader` and `writer` by secret. */
export const READER = 'reader'
export const WRITER = 'writer'
/** Registered by the operator, but not allowed to use assertions. */
export const UNLISTED = 'unlisted'
export const SECRET = 'a-secret-of-a-configured-client'

const ENTERPRISE = {
  CONNECT_CLIENTS: JSON.stringify([READER, WRITER, UNLISTED].map(configured)),
  ENTERPRISE_CLIENTS: JSON.stringify([{ client_id: READER }, { client_id: WRITER, access: 'full' }]),
}

function configured(id: string): object {
  return {
    client_id: id,
    client_name: `Assistant ${id}`,
    redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
    secret_sha256: createHash('sha256').update(SECRET).digest('hex'),
  }
}

export async function startEnterprise(options: ConnectOptions = {}): Promise<Connect> {
  return await startConnect({ ...options, settings: { ...ENTERPRISE, ...options.settings } })
}

export type Claims = Readonly<Record<string, unknown>>

/** Claims of a valid assertion for a user; undefined leaves one out. */
export function claimsOf(connect: Connect, changes: Claims = {}, person: DemoPerson = ADA): JWTPayload {
  const now = connect.now()
  return {
    iss: connect.organisation.identityProvider.origin,
    sub: person.sub,
    aud: connect.origin,
    client_id: READER,
    jti: randomUUID(),
    iat: now,
    exp: now + 300,
    email: person.email,
    email_verified: true,
    resource: `${connect.origin}/mcp/platform/mcp`,
    scope: 'platform',
    ...changes,
  }
}

/** Signs claims as the demo's identity provider, whose JWKS is at its own address. */
export async function signed(
  connect: Connect,
  claims: JWTPayload,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  // The types of oidc-provider let members be undefined.
  const key = (await importJWK(connect.organisation.signingKey as JWK, 'RS256')) as CryptoKey
  return await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', typ: 'oauth-id-jag+jwt', ...header })
    .sign(key)
}

export interface Sent {
  /** Of the form; undefined leaves one out. */
  readonly form?: Readonly<Record<string, string | undefined>>
  readonly headers?: HeaderFields
}

/** Sends an assertion to the token endpoint, by default as the client that it names. */
export async function present(
  connect: Pick<Connect, 'origin'>,
  assertion: string,
  { form = {}, headers = basic(READER, SECRET) }: Sent = {},
): Promise<Answer> {
  return await post(`${connect.origin}/auth/token`, { grant_type: JWT_BEARER, assertion, ...form }, headers)
}

/** Presents a valid assertion with a test's changes, as its own client. */
export async function presentClaims(
  connect: Connect,
  changes: Claims = {},
  { person = ADA, ...sent }: Sent & { readonly person?: DemoPerson } = {},
): Promise<Answer> {
  const claims = claimsOf(connect, changes, person)
  const headers = basic(String(claims.client_id), SECRET)
  return await present(connect, await signed(connect, claims), { headers, ...sent })
}
