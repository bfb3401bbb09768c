import { createPublicKey, hash, verify, type JsonWebKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { promisify } from 'node:util'
import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js'
import { loadAuthorization } from '../../proto/load.ts'

/**
 * The minimal check: grpc-js, a cache of verified tokens by hash, a map of credentials, and two header changes. It has no
 * store, revocation, session expiry, access, audit, limits or failure contract.
 */

interface Request {
  readonly attributes?: {
    readonly request?: {
      readonly http?: {
        readonly header_map?: {
          readonly headers?: readonly { readonly key?: string; readonly raw_value?: Buffer }[]
        }
      }
    }
  }
}

interface Claims {
  readonly aud: string
  readonly exp: number
  readonly sid: string
}

interface Settings {
  readonly socket: string
  readonly audience: string
  readonly keys: readonly JsonWebKey[]
  readonly credentials: Readonly<Record<string, string>>
}

const settings = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Settings
const credentials = new Map(Object.entries(settings.credentials))
const key = createPublicKey({ key: settings.keys[0] ?? {}, format: 'jwk' })
const known = new Map<string, Claims>()

function verified(token: string, by: KeyObject): Claims | undefined {
  const name = hash('sha256', token, 'base64url')
  const cached = known.get(name)
  if (cached !== undefined) return cached
  const [header, payload = '', signature = ''] = token.split('.')
  const signed = Buffer.from(`${header}.${payload}`)
  const isGenuine = verify(
    'sha256',
    signed,
    { key: by, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  if (!isGenuine) return undefined
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims
  known.set(name, claims)
  return claims
}

function tokenOf({ attributes }: Request): string {
  const headers = attributes?.request?.http?.header_map?.headers ?? []
  const value = headers.find(({ key: name }) => name === 'authorization')?.raw_value?.toString('latin1') ?? ''
  return value.startsWith('Bearer ') ? value.slice('Bearer '.length) : ''
}

function credentialFor(token: string): string | undefined {
  const claims = verified(token, key)
  const isGood = claims?.aud === settings.audience && claims.exp * 1000 > Date.now()
  return isGood ? credentials.get(claims.sid) : undefined
}

const check: handleUnaryCall<Request, object> = ({ request }, answer) => {
  const credential = credentialFor(tokenOf(request))
  if (credential === undefined) {
    answer(null, { status: { code: 16 }, denied_response: { status: { code: 401 }, headers: [], body: '' } })
    return
  }
  const headers = [
    { header: { key: 'authorization', value: `Bearer ${credential}` }, append: { value: false } },
    { header: { key: 'x-envoy-upstream-rq-timeout-ms', value: '300000' }, append: { value: false } },
  ]
  answer(null, { status: { code: 0 }, ok_response: { headers, headers_to_remove: ['cookie'] } })
}

const server = new Server()
server.addService(loadAuthorization(), { Check: check })
await promisify(server.bindAsync.bind(server))(`unix:${settings.socket}`, ServerCredentials.createInsecure())
