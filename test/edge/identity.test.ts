import assert from 'node:assert/strict'
import { IDENTITY_HEADERS } from '../../core/http/reserved-headers.ts'
import { ask, PROTOCOLS, valuesUnder, type EdgeRequest, type Protocol } from './support/ask.ts'
import { authorizationAtTheEdge, edgeStack } from './support/edge-stack.ts'
import { http1 } from './support/http1.ts'
import { beforeAll } from '../support/before-all.ts'

type Header = readonly [name: string, value: string]

const FORGED = 'forged'
/** Headers that claim a user, in the spellings that servers accept. */
const SPELLINGS: readonly string[] = [
  ...['x-quilt-user', 'X-Quilt-User', 'X-QUILT-USER', 'x-quilt-', 'x-quilt-access'],
  ...['x-auth-subject', 'X-AUTH-REQUEST-EMAIL', 'x-auth-request-user'],
  ...['x-amzn-oidc-identity', 'x-amzn-oidc-data'],
  ...IDENTITY_HEADERS.names,
  ...['X-Forwarded-Groups', 'cookie', 'Cookie'],
]
/** Headers for which other gateways skipped authentication (GHSA-g53w-w6mj-hrpp). */
const PASSWORDS: readonly Header[] = [
  ['x-stage', 'tool_access'],
  ['x-envoy-internal', 'true'],
  ['x-envoy-auth-failure-mode-allowed', 'true'],
  ['x-envoy-original-path', '/healthz'],
  ['x-envoy-decorator-operation', 'healthz'],
  ['x-original-url', '/.well-known/oauth-authorization-server'],
  ['mcp-init-host', 'localhost'],
  ['router-key', 'secret'],
  ['x-internal-request', '1'],
  ['x-ext-authz-check', 'skip'],
  ['x-quilt-session', 'any'],
  ['grpc-status', '0'],
  ['mcp-session-id', 'an-open-session'],
  ['last-event-id', '1'],
  ['upgrade-insecure-requests', '1'],
  ['via', '1.1 envoy'],
]

describe('Identity headers from a client', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => edgeStack())
  let authorization: Header

  before(async () => {
    authorization = await authorizationAtTheEdge()
  })

  for (const protocol of PROTOCOLS) {
    it(`G06: over ${protocol}: the service gets one Authorization header, ours, and no forged identity`, async () => {
      const [ours] = await serviceReads(protocol, [])
      assert.match(ours ?? '', /^Bearer \S+$/)
      const forged = SPELLINGS.flatMap((name): Header[] => [
        [name, FORGED],
        [name, `${FORGED}, again`],
      ])
      assert.deepEqual(await serviceReads(protocol, forged), [ours])
    })

    it(`G06: over ${protocol}: Envoy refuses names with an underscore`, async () => {
      for (const name of [
        'x_quilt_user',
        'x_auth_subject',
        'authorization_',
        'x-quilt_user',
        'x_forwarded_for',
      ]) {
        await isRefusedBeforeService(protocol, name)
      }
    })
  }

  it('G06: names with a space before the colon are refused, and a folded line is part of the header before', async () => {
    for (const name of ['x-auth-subject ', 'x-quilt-user\t', ' x-quilt-user']) {
      await isRefusedBeforeService('HTTP/1.1', name)
    }
    const folded: Header = ['x-a', `1\r\n\tx-quilt-user: ${FORGED}`]
    const { atPlatform } = await ask(stack, 'HTTP/1.1', { headers: [authorization, folded] })
    assert.match(valuesUnder(atPlatform[0]?.rawHeaders ?? [], 'x-a').join(), /^1\sx-quilt-user: forged$/)
  })

  it('G06: Connection: authorization removes the token of the client, before authz is asked', async () => {
    for (const value of [
      'authorization',
      'close, authorization',
      'Authorization, x-envoy-external-address',
    ]) {
      const { answer, atPlatform } = await ask(stack, 'HTTP/1.1', {
        headers: [authorization, ['connection', value]],
      })
      assert.equal(answer.status, 401, value)
      assert.deepEqual(atPlatform, [], value)
    }
  })

  it('G06: a trailer never becomes a header', async () => {
    const body = `2\r\n{}\r\n0\r\nx-quilt-user: ${FORGED}\r\nauthorization: ${FORGED}\r\n\r\n`
    const before = stack.atPlatform.length
    const { status } = await http1(stack.origin, {
      method: 'POST',
      target: '/mcp',
      lines: [authorization.join(': '), 'Transfer-Encoding: chunked', 'Trailer: x-quilt-user'],
      body,
    })
    assert.equal(status, 200)
    const [received] = stack.atPlatform.slice(before)
    assert.ok(!received?.rawHeaders.some((text) => text.includes(FORGED)))
  })

  for (const protocol of PROTOCOLS) {
    it(`G10: over ${protocol}: no header and no shared secret skips authentication`, async () => {
      for (const header of [...PASSWORDS, ...SPELLINGS.map((name): Header => [name, 'admin'])]) {
        await refused(protocol, { headers: [header] }, header.join(': '))
      }
      await refused(protocol, { headers: PASSWORDS }, 'all of them')
    })
  }

  for (const protocol of PROTOCOLS) {
    it(`E03: over ${protocol}: every user agent and every path of a service needs a token`, async () => {
      const agents = [
        'ELB-HealthChecker/2.0',
        'kube-probe/1.30',
        'GoogleHC/1.0',
        'Envoy/HC',
        'Amazon-Route53-Health',
        '',
      ]
      for (const agent of agents) await refused(protocol, { headers: [['user-agent', agent]] }, agent)
      const targets = [
        '/healthz/../mcp',
        '/mcp?/healthz',
        '/./healthz/.././mcp',
        '/.well-known/../mcp',
        '/connect/../mcp',
      ]
      targets.push('/auth/..;/mcp', '/mcp?x=/.well-known/', '/authorize/../mcp', '/mcp/.well-known/../../mcp')
      for (const target of targets) await refused(protocol, { target }, target)
    })

    it(`E03: over ${protocol}: only /healthz answers without authz, with an empty body`, async () => {
      for (const target of ['/healthz', '//healthz', '/x/../healthz', '/%68ealthz']) {
        const { answer, questions } = await ask(stack, protocol, { target })
        assert.equal(answer.status, 200)
        assert.equal(answer.body, '')
        assert.deepEqual(questions, [])
      }
    })
  }

  /** The Authorization headers at the service, which got no forged value. */
  async function serviceReads(protocol: Protocol, headers: readonly Header[]): Promise<string[]> {
    const { answer, atPlatform } = await ask(stack, protocol, { headers: [authorization, ...headers] })
    assert.equal(answer.status, 200)
    const rawHeaders = atPlatform[0]?.rawHeaders ?? []
    assert.ok(!rawHeaders.some((text) => text.includes(FORGED)))
    return valuesUnder(rawHeaders, 'authorization')
  }

  /** Refused, and the service got no request. */
  async function isRefusedBeforeService(protocol: Protocol, name: string): Promise<void> {
    const { answer, atPlatform } = await ask(stack, protocol, { headers: [authorization, [name, FORGED]] })
    assert.ok(answer.status === 0 || answer.status >= 400, `${name}: ${answer.status}`)
    assert.deepEqual(atPlatform, [], name)
  }

  async function refused(protocol: Protocol, request: EdgeRequest, why: string): Promise<void> {
    const { answer, questions, atPlatform } = await ask(stack, protocol, request)
    assert.equal(answer.status, 401, why)
    assert.equal(questions.length, 1, why)
    assert.deepEqual(atPlatform, [], why)
  }
})
