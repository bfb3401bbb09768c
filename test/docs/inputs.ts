import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import Koa, { type Context } from 'koa'
import { MAX_DECIDING_MEMBERS, MAX_VALUES, readMessage } from '../../authz/read-access/read-message.ts'
import { readAuthenticateRequest } from '../../authz/envoy/check-request.ts'
import { MAX_TOKEN_CHARACTERS, readBearer } from '../../authz/decide/bearer.ts'
import {
  browserCookies,
  MAX_BROWSER_COOKIES,
  MAX_CLEARED_COOKIES,
} from '../../consent-ui/browser/browser-cookie.ts'
import { MAX_CLIENT_ID_CHARACTERS } from '../../consent-ui/clients/client-directory.ts'
import { displayName, MAX_NAME_CHARACTERS } from '../../consent-ui/clients/client.ts'
import { readPresentedCredentials } from '../../consent-ui/clients/presented-credentials.ts'
import { MAX_KEYS } from '../../consent-ui/clients/public-keys.ts'
import { MAX_REDIRECT_URIS, readRegistration } from '../../consent-ui/clients/registration.ts'
import { openClient } from '../../consent-ui/clients/sealed-client.ts'
import { MAX_STATE_BYTES } from '../../consent-ui/authorize/authorization-request.ts'
import { OAuthError } from '../../consent-ui/oauth/errors.ts'
import { judgeRefreshToken } from '../../consent-ui/oauth/judge-refresh-token.ts'
import { parseParameters } from '../../consent-ui/oauth/parameters.ts'
import { beginHistory, CHECKPOINT_INTERVAL } from '../../consent-ui/oauth/refresh-history.ts'
import { MAX_REDIRECT_URI_CHARACTERS } from '../../consent-ui/oauth/redirect-uri.ts'
import { firstRefreshToken } from '../../consent-ui/oauth/refresh-token.ts'
import { grantedScope } from '../../consent-ui/oauth/scope.ts'
import { readQuiltCode } from '../../consent-ui/quilt/quilt-code.ts'
import { BODY_LIMIT } from '../../consent-ui/http/request-body.ts'
import { parseAllowedHosts } from '../../core/clients/allowed-hosts.ts'
import { MAX_SEALED_ID_CHARACTERS } from '../../core/clients/sealed-id.ts'
import { randomSecret } from '../../core/keys/hash.ts'
import { verificationKeys } from '../../core/tokens/verification-keys.ts'
import { readAccessToken } from '../../core/tokens/verify-access-token.ts'
import { asEnvoySends, question } from '../authz/support/envoy.ts'
import { operatorKey, ringOf } from '../consent-ui/support/keys.ts'
import { SERVICES } from '../support/services.ts'

/** Something that a request brings, and what is done with it before any limit counts the request. */
export interface Input {
  /** What the table in docs/limits.md says of its bound, as the code has it. */
  readonly bound: readonly (number | string)[]
  /** A size of which ten times as much is still read, or is just beyond the bound. */
  readonly size: number
  /** How many times as long ten times as much may take, where it is cut off at its bound. */
  readonly maxGrowth?: number
  /** Prepares an input of a size, and returns the work that it makes. */
  readonly work: (size: number) => () => unknown
}

const RING = ringOf(operatorKey('one'))
const HOSTS = parseAllowedHosts('claude.ai')
const COOKIES = browserCookies('https://connect.example')
const [SERVICE] = SERVICES
const app = new Koa()
const ENVOY = readFileSync(new URL('../../envoy/envoy.yaml', import.meta.url), 'utf8')

function fromEnvoy(field: string): number {
  const [, value] = new RegExp(`^ *${field}: (\\d+)$`, 'm').exec(ENVOY) ?? []
  return Number(value)
}

function contextWith(headers: Readonly<Record<string, string>>): Context {
  const request = new IncomingMessage(new Socket())
  Object.assign(request.headers, headers)
  return app.createContext(request, new ServerResponse(request))
}

/** What is refused has been read all the same. */
function refusable(work: () => unknown): () => unknown {
  return () => {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error
      return error
    }
  }
}

const list = <Item>(count: number, item: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => item(index))

function registering(members: object): () => unknown {
  const body = { redirect_uris: ['https://claude.ai/cb'], ...members }
  return refusable(() => readRegistration(body, HOSTS))
}

function messageOf(text: string): () => unknown {
  const bytes = Buffer.from(text)
  const headers = { contentType: ['application/json'], contentEncoding: [], partialBody: ['false'] }
  return () => readMessage(bytes, { ...headers, size: bytes.length })
}

/** By the name that docs/limits.md has for it. */
export const INPUTS: Readonly<Record<string, Input>> = {
  'Cookie header': {
    bound: [MAX_BROWSER_COOKIES, MAX_CLEARED_COOKIES],
    size: 70,
    work: (size) => {
      const pairs = list(size, (index) => `__Host-quilt-connect-${String(index).padStart(6, '0')}=x`)
      const cookie = pairs.join('; ')
      return () => {
        const ctx = contextWith({ cookie })
        COOKIES.dropSurplus(ctx, { id: 'own', cookie: 'x' })
        return [COOKIES.read(ctx, 'own'), COOKIES.readAll(ctx)]
      }
    },
  },
  'query or form': {
    bound: [BODY_LIMIT],
    size: 600,
    work: (size) => {
      const text = list(size, (index) => `p${index % 2}=x`).join('&')
      return () => parseParameters(text)
    },
  },
  state: {
    bound: [MAX_STATE_BYTES],
    size: MAX_STATE_BYTES,
    work: (size) => {
      const text = `state=${'x'.repeat(size)}`
      return () => parseParameters(text)
    },
  },
  scope: {
    bound: [BODY_LIMIT],
    size: 3000,
    work: (size) => {
      const scope = list(size, (index) => `s${index}`).join(' ')
      return () => grantedScope(scope, SERVICE)
    },
  },
  'redirect URIs of a registration': {
    bound: [MAX_REDIRECT_URIS],
    size: 300,
    work: (size) => registering({ redirect_uris: list(size, (index) => `https://claude.ai/${index}`) }),
  },
  'redirect URI': {
    bound: [MAX_REDIRECT_URI_CHARACTERS],
    size: MAX_REDIRECT_URI_CHARACTERS,
    work: (size) => registering({ redirect_uris: [`https://claude${'.'.repeat(size)}ai/cb`] }),
  },
  'name of a client': {
    bound: [MAX_NAME_CHARACTERS],
    size: 6000,
    work: (size) => {
      const name = '\u0301 \u202e'.repeat(size / 3)
      return () => displayName(name)
    },
  },
  'keys of a registration': {
    bound: [MAX_KEYS],
    size: 60,
    work: (size) =>
      registering({ jwks: { keys: list(size, () => ({ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' })) } }),
  },
  client_id: {
    bound: [MAX_SEALED_ID_CHARACTERS, MAX_CLIENT_ID_CHARACTERS],
    size: MAX_SEALED_ID_CHARACTERS,
    maxGrowth: 2,
    work: (size) => {
      const id = randomBytes(size).toString('base64url').slice(0, size)
      return () => openClient(RING, id)
    },
  },
  'HTTP Basic': {
    bound: [fromEnvoy('max_request_headers_kb')],
    size: 4000,
    work: (size) => {
      const header = `Basic ${'A'.repeat(size)}=${' '.repeat(size)}x`
      return refusable(() => readPresentedCredentials(header, new Map()))
    },
  },
  'generation of a refresh token': {
    bound: [CHECKPOINT_INTERVAL],
    size: CHECKPOINT_INTERVAL,
    maxGrowth: 2,
    work: (size) => {
      const token = firstRefreshToken(randomSecret(), randomSecret())
      const history = { ...beginHistory('home'), keys: [[2, 'one']] as const }
      const state = { hash: randomSecret(), generation: 1 + size, history }
      const request = { network: 'office', hasProvenKey: false, now: 1_795_500_000 }
      return () => judgeRefreshToken(RING, token, { state, request })
    },
  },
  'pasted code': {
    bound: [2048],
    size: 2048,
    work: (size) => {
      const pasted = `${'A '.repeat(size)}!`
      return () => readQuiltCode(pasted)
    },
  },
  'headers of a request': {
    bound: [fromEnvoy('max_headers_count'), fromEnvoy('max_request_headers_kb')],
    size: 80,
    work: (size) => {
      const headers = Object.fromEntries(list(size, (index) => [`x-made-up-${index}`, 'x'.repeat(300)]))
      const request = asEnvoySends(question(headers))
      return () => readAuthenticateRequest(request)
    },
  },
  'bearer token': {
    bound: [MAX_TOKEN_CHARACTERS],
    size: MAX_TOKEN_CHARACTERS,
    work: (size) => {
      const token = `${'A'.repeat(size - 2)}.=`
      const keys = verificationKeys({ keys: [] })
      const expectation = { issuer: 'https://connect.example', now: 1_795_500_000 }
      return () => [readBearer([`Bearer ${token}`]), readAccessToken(token, keys, expectation)]
    },
  },
  'values of an MCP message': {
    bound: [MAX_VALUES],
    size: MAX_VALUES / 10,
    work: (size) =>
      messageOf(
        `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${list(size, (index) => `"K${index}":{"a":0}`).join(',')}}}`,
      ),
  },
  'members of an MCP message': {
    bound: [MAX_DECIDING_MEMBERS],
    size: MAX_DECIDING_MEMBERS * 5,
    work: (size) =>
      messageOf(
        `{"jsonrpc":"2.0","id":1,"method":"ping",${list(size, (index) => `"A_b-${index}":0`).join(',')}}`,
      ),
  },
  'depth of an MCP message': {
    bound: [64],
    size: 6000,
    maxGrowth: 2,
    work: (size) => messageOf('['.repeat(size)),
  },
  'text of an MCP message': {
    bound: [1_048_576],
    size: 100_000,
    work: (size) =>
      messageOf(
        `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"x":"${'\\u00e9'.repeat(size / 6)}"}}`,
      ),
  },
}
