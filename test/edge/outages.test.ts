import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import {
  authorizationServerMetadata,
  protectedResourceMetadata,
} from '../../consent-ui/endpoints/discovery-documents.ts'
import { ClientMemory } from '../journeys/support/mcp-user.ts'
import { PLATFORM, SERVICES } from '../support/services.ts'
import { edgeBetween, type EdgeBetween } from './support/edge-between.ts'
import type { EdgeAnswer, Http1Request } from './support/http1.ts'
import { SDKS } from './support/sdk-clients.ts'
import { beforeAll } from '../support/before-all.ts'

const ORIGIN = 'https://connect.example.com'
const MCP_PATH = '/mcp/platform/mcp'
const MCP_URL = `${ORIGIN}${MCP_PATH}`
const RESOURCE_DOCUMENT = `/.well-known/oauth-protected-resource${MCP_PATH}`
const SERVER_DOCUMENT = '/.well-known/oauth-authorization-server'
const BROWSER = 'Accept: text/html,application/xhtml+xml,*/*;q=0.8'

const REQUESTS_AT_ONCE = 100
/** An address above its rate limit. */
const NOISY = 'X-Forwarded-For: 192.0.2.9'
/** consent-ui and the services close the connection of a request with this line, and answer no other. */
const CLOSED = 'X-Close: 1'
const TOO_LARGE = 11 * 1024 * 1024

/** Causes of Envoy's own answers. */
type Cause = (edge: EdgeBetween, target: string) => Promise<EdgeAnswer>
const ROUTED: readonly (readonly [status: number, cause: Cause])[] = [
  [429, (edge, target) => edge.ask({ target, lines: [NOISY] })],
  [503, (edge, target) => edge.ask({ target, lines: [CLOSED] })],
  [504, (edge, target) => edge.ask({ target })],
  [413, (edge, target) => edge.ask(post(target, [`Content-Length: ${TOO_LARGE}`], 'x'.repeat(100_000)))],
]
const UNROUTED: readonly (readonly [status: number, cause: Cause])[] = [
  [400, (edge, target) => edge.ask({ target, lines: ['X_Y: 1'] })],
  [408, (edge, target) => edge.ask(post(target, ['Content-Length: 2'], '{'))],
  [431, (edge, target) => edge.ask({ target, lines: [`X-Big: ${'x'.repeat(50_000)}`] })],
]
const TEMPORARY = [429, 503, 504]
const CAUSES = new Map([...ROUTED, ...UNROUTED])

const OAUTH_ENDPOINTS = [
  RESOURCE_DOCUMENT,
  SERVER_DOCUMENT,
  '/auth/token',
  '/token',
  '/auth/register',
  '/register',
]
const PAGES = ['/connect/authorize', '/authorize']
/** These come after a time limit. */
const LATE = [504, 408]

describe('Envoy’s own answers during outages', function () {
  const edge = beforeAll(() =>
    edgeBetween({
      changes: [
        ['timeout: 30s', 'timeout: 0.3s'],
        ['request_timeout: 60s', 'request_timeout: 0.3s'],
        [
          'max_tokens: 1000, tokens_per_fill: 500, fill_interval: 1s',
          `max_tokens: ${REQUESTS_AT_ONCE}, tokens_per_fill: 1, fill_interval: 600s`,
        ],
      ],
    }),
  )

  before(async () => {
    const preflight = { method: 'OPTIONS', target: '/mcp', lines: [NOISY] }
    const asked = Array.from({ length: REQUESTS_AT_ONCE }, () => edge.ask(preflight))
    await Promise.all(asked)
    Object.assign(edge.behind, { consentUi: closeIfAsked, service: closeIfAsked })
    await Promise.all([
      ...OAUTH_ENDPOINTS.flatMap((target) => LATE.map((status) => caused(status, target))),
      ...PAGES.flatMap((target) => [caused(504, target), caused(504, target, BROWSER)]),
    ])
  })

  const answers = new Map<string, Promise<EdgeAnswer>>()

  /** Asked once: all that come after a time limit are asked at the same time, before the tests. */
  function caused(status: number, target: string, accept?: string): Promise<EdgeAnswer> {
    const name = [status, target, accept].join()
    const cause = CAUSES.get(status) ?? assert.fail(name)
    const asked = answers.get(name) ?? cause(accept === undefined ? edge : asBrowser(edge), target)
    answers.set(name, asked)
    return asked
  }

  for (const endpoint of OAUTH_ENDPOINTS) {
    for (const status of CAUSES.keys()) {
      it(`at ${endpoint} have status ${status} in OAuth JSON, and both SDKs keep their tokens and open no browser`, async () => {
        const answer = await caused(status, endpoint)
        isOAuthJson(answer, status)
        for (const sdk of SDKS) {
          const memory = endpoint.endsWith('/register') ? newClient() : connectedClient()
          const tokens = memory.tokens()
          const ended = await settled(sdk.authorize(memory, MCP_URL, answersOf(endpoint, answer)))
          assert.equal(memory.authorizationUrl, undefined, `${sdk.name} opened a browser: ${ended}`)
          if (tokens !== undefined)
            assert.equal(memory.tokens()?.refresh_token, tokens.refresh_token, sdk.name)
        }
      })
    }
  }

  for (const path of PAGES) {
    for (const [status] of ROUTED) {
      it(`at ${path} have status ${status} on a page for a browser, and in JSON for a program`, async () => {
        const answer = await caused(status, path, BROWSER)
        assert.deepEqual(answer.headers.get('content-type'), ['text/html; charset=utf-8'])
        assert.equal(answer.status, status)
        assert.match(answer.body, TEMPORARY.includes(status) ? /Try again in a moment/ : /Request refused/)
        saysWhenToComeBack(answer)
        isOAuthJson(await caused(status, path), status)
      })
    }
  }

  for (const [status, cause] of ROUTED.filter(([each]) => each !== 504)) {
    it(`at an MCP service have status ${status} in JSON-RPC, and both SDKs keep their tokens and open no browser`, async () => {
      const answer = await cause(edge, MCP_PATH)
      assert.equal(answer.status, status)
      assert.deepEqual(answer.headers.get('content-type'), ['application/json'])
      const { error } = JSON.parse(answer.body) as { error: { code: number } }
      assert.equal(error.code, TEMPORARY.includes(status) ? -32000 : -32600)
      saysWhenToComeBack(answer)
      for (const sdk of SDKS) {
        const memory = connectedClient()
        const tokens = memory.tokens()
        await assert.rejects(sdk.connect(memory, MCP_URL, () => Promise.resolve(responseOf(answer))))
        assert.deepEqual([memory.authorizationUrl, memory.tokens()], [undefined, tokens], sdk.name)
      }
    })

    it(`at an HTTP service have status ${status} in plain JSON`, async () => {
      isOAuthJson(await cause(edge, '/files/raw'), status)
    })
  }
})

function isOAuthJson(answer: EdgeAnswer, status: number): void {
  assert.equal(answer.status, status)
  assert.deepEqual(answer.headers.get('content-type'), ['application/json'])
  assert.deepEqual(answer.headers.get('cache-control'), ['no-store'])
  const { error, error_description: description } = JSON.parse(answer.body) as Record<string, string>
  assert.equal(error, TEMPORARY.includes(status) ? 'temporarily_unavailable' : 'invalid_request')
  assert.match(description ?? '', /./)
  saysWhenToComeBack(answer)
}

function saysWhenToComeBack({ status, headers }: EdgeAnswer): void {
  assert.equal(/^\d+$/.test(headers.get('retry-after')?.[0] ?? ''), TEMPORARY.includes(status))
}

const closeIfAsked: RequestListener = ({ headers, socket }) => {
  if (headers['x-close'] !== undefined) socket.destroy()
}

function post(target: string, lines: readonly string[], body: string): Http1Request {
  return { method: 'POST', target, lines: ['Content-Type: application/json', ...lines], body }
}

function asBrowser(edge: EdgeBetween): EdgeBetween {
  return { ...edge, ask: (request) => edge.ask({ ...request, lines: [BROWSER, ...(request.lines ?? [])] }) }
}

function newClient(): ClientMemory {
  return new ClientMemory('http://localhost:9/callback', 'Claude Code')
}

function connectedClient(): ClientMemory {
  const memory = newClient()
  // SDK 2.x warns if a client does not know the issuer of its tokens.
  const issuer = { issuer: ORIGIN }
  memory.saveClientInformation({ client_id: 'client', ...issuer })
  memory.saveTokens({ access_token: 'access', token_type: 'Bearer', refresh_token: 'refresh', ...issuer })
  return memory
}

/** A working Connect host with one failing endpoint. */
function answersOf(endpoint: string, answer: EdgeAnswer): (url: string | URL) => Promise<Response> {
  // The fallback of clients without discovery.
  const isAlias = ['/token', '/register'].includes(endpoint)
  const server = authorizationServerMetadata({
    origin: ORIGIN,
    issuer: ORIGIN,
    services: SERVICES,
    hasIntrospection: false,
    acceptsAssertions: false,
  })
  const resource = protectedResourceMetadata(ORIGIN, { resource: MCP_URL, service: PLATFORM })
  const tokens = { access_token: 'new', token_type: 'Bearer', refresh_token: 'refresh' }
  const documents = new Map<string, unknown>([
    [RESOURCE_DOCUMENT, resource],
    ['/auth/token', tokens],
    ['/token', tokens],
    ...(isAlias ? [] : ([[SERVER_DOCUMENT, server]] as const)),
  ])
  return (url) => {
    const { pathname } = new URL(url)
    if (pathname === endpoint) return Promise.resolve(responseOf(answer))
    const document = documents.get(pathname)
    const status = document === undefined ? 404 : 200
    return Promise.resolve(Response.json(document ?? {}, { status }))
  }
}

function responseOf({ status, headers, body }: EdgeAnswer): Response {
  return new Response(body, { status, headers: [...headers].map(([name, [value = '']]) => [name, value]) })
}

async function settled(promise: Promise<unknown>): Promise<string> {
  return await promise.then(String, String)
}
