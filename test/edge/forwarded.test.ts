import assert from 'node:assert/strict'
import { FORWARDING_HEADERS } from '../../core/http/reserved-headers.ts'
import { ask, PROTOCOLS, valuesUnder, type Asked } from './support/ask.ts'
import { adaAtTheEdge, edgeStack } from './support/edge-stack.ts'
import { beforeAll } from '../support/before-all.ts'

const FORGED = 'evil.example'
const NAMES = [
  ...FORWARDING_HEADERS.names,
  ...['url', 'uri', 'host', 'method', 'path'].map((name) => `x-original-${name}`),
  ...['x-rewrite-url', 'x-http-method', 'x-http-method-override', 'x-method-override'],
]
/** Headers that Envoy reads or writes (CVE-2023-27487, CVE-2024-45806), and an unknown one. */
const ENVOYS = [
  'original-path',
  'original-host',
  'internal',
  'retry-on',
  'upstream-rq-timeout-ms',
  'upstream-alt-stat-name',
  'force-trace',
  'decorator-operation',
  'ip-tags',
  'downstream-service-cluster',
  'expected-rq-timeout-ms',
  'external-address',
  'auth-partial-body',
  'auth-failure-mode-allowed',
  'attempt-count',
  'peer-metadata',
  'foo',
].map((name) => `x-envoy-${name}`)

describe('Forwarding headers from a client', function () {
  this.timeout(60_000)
  let authorization: readonly [string, string]

  const stack = beforeAll(() => edgeStack())

  before(async () => {
    authorization = ['authorization', `Bearer ${(await adaAtTheEdge()).accessToken}`]
  })

  for (const protocol of PROTOCOLS) {
    it(`E02: over ${protocol}: change nothing for the service, for authz or for consent-ui`, async () => {
      const forged = [...NAMES, ...ENVOYS].map((name) => [name, FORGED] as const)
      const atService = await ask(stack, protocol, { headers: [authorization, ...forged] })
      assert.equal(atService.answer.status, 200)
      assert.equal(mentions(atService), '')

      const target = '/.well-known/oauth-protected-resource/mcp'
      const usual = await ask(stack, protocol, { target })
      const answered = await ask(stack, protocol, { target, headers: forged })
      assert.equal(answered.answer.body, usual.answer.body)
      assert.equal(mentions(answered), '')
    })
  }

  it('E02: set the client address only as the load balancer wrote it', async () => {
    const client = '203.0.113.5'
    const peer = '127.0.0.1'
    const cases: readonly (readonly [lines: readonly string[], address: string])[] = [
      [[client], client],
      [[`6.6.6.6, ${client}`], client],
      [['6.6.6.6', client], client],
      [[`${client}:4444, ${client}`], client],
      [['2001:db8::1'], '2001:db8::1'],
      [['10.0.0.9, 2001:db8::1'], '2001:db8::1'],
      // Without a valid address: the peer.
      [[`${client}:4444`], peer],
      [['unknown'], peer],
      [[`${client}, "evil`], peer],
      [[`${client},`], peer],
    ]
    for (const [values, address] of cases) {
      const headers = values.map((value) => ['x-forwarded-for', value] as const)
      const { answer, atPlatform } = await ask(stack, 'HTTP/1.1', { headers: [authorization, ...headers] })
      assert.equal(answer.status, 200)
      const rawHeaders = atPlatform[0]?.rawHeaders ?? []
      assert.deepEqual(valuesUnder(rawHeaders, 'x-envoy-external-address'), [address], values.join(' | '))
      assert.deepEqual(valuesUnder(rawHeaders, 'x-forwarded-for'), [address], values.join(' | '))
    }
  })

  it('E02: do not change the Host that a service gets', async () => {
    const { atPlatform } = await ask(stack, 'HTTP/1.1', { headers: [authorization] })
    assert.equal(valuesUnder(atPlatform[0]?.rawHeaders ?? [], 'host').length, 1)
    assert.equal(atPlatform[0]?.headers.host, new URL(stack.service.url).host)
  })

  /** Names of headers with the forged value behind Envoy. */
  function mentions({ atPlatform, atConsentUi, questions }: Asked): string {
    const received = [...atPlatform, ...atConsentUi].flatMap(({ rawHeaders }) =>
      rawHeaders.filter((_, at) => rawHeaders[at + 1]?.includes(FORGED)),
    )
    const asked = questions.flatMap((question) =>
      [...NAMES, ...ENVOYS].filter((name) => question.values(name).some((value) => value.includes(FORGED))),
    )
    return [...received, ...asked].join()
  }
})
