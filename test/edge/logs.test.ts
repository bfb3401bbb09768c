import assert from 'node:assert/strict'
import { ask, PROTOCOLS, SERVICE_TARGET, valuesUnder, type Asked, type EdgeRequest } from './support/ask.ts'
import { adaAtTheEdge, edgeStack } from './support/edge-stack.ts'
import { accessLog, requestId } from './support/views.ts'
import { beforeAll } from '../support/before-all.ts'

/** Characters that could end a line, a text or an object. */
const BREAKERS = [
  '"',
  '"}',
  '"},{"forged":"1',
  '\\',
  '\\"',
  '\\u0022',
  "'",
  '{',
  '%22%7D',
  '%0a{"forged":"1"}',
  '%0d%0a',
  '\t',
]
const PARTS = ['envoy', 'authz', 'consent-ui']

describe('Log lines', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => edgeStack())

  for (const protocol of PROTOCOLS) {
    it(`E05: over ${protocol}: are one JSON object each, for any request`, async () => {
      const from = stack.lines.length
      const asked: Asked[] = []
      for (const breaker of BREAKERS) {
        const answered = requestsWith(breaker).map((request) => ask(stack, protocol, request))
        asked.push(...(await Promise.all(answered)))
      }
      const answers = asked.map(({ answer }) => answer)
      const log = await accessLog(stack, answers)
      const lines = stack.lines.slice(from)
      for (const line of lines) isOneObject(line)
      for (const id of answers.map(requestId)) {
        if (id === undefined) continue
        assert.equal(log.get(id)?.request, id)
        assert.equal(lines.filter((line) => line.startsWith('envoy {') && line.includes(`"${id}"`)).length, 1)
      }
    })
  }

  it('E05: contain no query, no header and no body', async () => {
    const mark = 'a-mark-of-this-test'
    const { answer } = await ask(stack, 'HTTP/2', {
      method: 'POST',
      target: `${SERVICE_TARGET}?q=${mark}`,
      headers: [
        ['user-agent', mark],
        ['mcp-name', mark],
        ['referer', `https://app.example/${mark}`],
        ['origin', `https://${mark}.example`],
      ],
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: mark } }),
    })
    await accessLog(stack, [answer])
    assert.deepEqual(
      stack.lines.filter((line) => line.includes(mark)),
      [],
    )
  })

  it('G15: contain no token, cookie or credential at debug level, wherever a client sends it', async () => {
    const { accessToken, memory } = await adaAtTheEdge()
    const refreshToken = memory.tokens()?.refresh_token ?? ''
    const tokens = [accessToken, refreshToken]
    const asked: Asked[] = []
    for (const token of tokens) {
      for (const protocol of PROTOCOLS) {
        const answered = requestsHolding(token).map((request) => ask(stack, protocol, request))
        asked.push(...(await Promise.all(answered)))
      }
    }
    await accessLog(
      stack,
      asked.map(({ answer }) => answer),
    )
    const shown = stack.atPlatform.flatMap(({ rawHeaders }) => valuesUnder(rawHeaders, 'authorization'))
    const credentials = new Set(shown.map((value) => value.replace('Bearer ', '')))
    assert.ok(credentials.size > 0)
    const secrets = [...tokens, ...credentials].flatMap((token) => [
      token,
      ...token.split('.').filter(isLong),
    ])
    for (const secret of [...secrets, ...Object.values<string>({ ...stack.secrets })]) {
      const holding = stack.lines.find(
        (line) => line.includes(secret) || line.includes(encodeURIComponent(secret)),
      )
      assert.equal(holding?.replaceAll(secret, '<secret>').slice(0, 300), undefined)
    }
  })
})

function isOneObject(line: string): void {
  const [part = '', text = ''] = /^(\S+) (.*)$/s.exec(line)?.slice(1) ?? []
  assert.ok(!text.includes('\n'), line)
  // Other lines of Envoy are about Envoy.
  if (!PARTS.includes(part) || (part === 'envoy' && !text.startsWith('{'))) return
  const entry = JSON.parse(text) as object
  assert.ok(!('forged' in entry), line)
}

/** All JWTs have the same header. */
function isLong(part: string): boolean {
  return part.length > 50
}

function requestsWith(text: string): EdgeRequest[] {
  const inPath = encodeURI(text).replaceAll('%25', '%')
  return [
    { target: `/mcp${inPath}` },
    { target: `/connect/${inPath}` },
    { target: `${SERVICE_TARGET}?${inPath}`, headers: [['user-agent', text]] },
    { headers: [['authorization', `Bearer ${text}`]] },
    {
      headers: [
        ['mcp-method', text],
        ['mcp-name', text],
      ],
    },
    { headers: [['x-forwarded-for', text]] },
    { headers: [['x-request-id', text]] },
    { target: `/connect/authorize?client_id=${inPath}&state=${inPath}` },
    {
      method: 'POST',
      target: '/auth/token',
      headers: [form()],
      body: `grant_type=${inPath}&client_id=${inPath}`,
    },
    {
      method: 'POST',
      target: '/auth/register',
      headers: [['content-type', 'application/json']],
      body: `{"client_name":${JSON.stringify(text)}}`,
    },
  ]
}

function requestsHolding(token: string): EdgeRequest[] {
  return [
    { headers: [['authorization', `Bearer ${token}`]] },
    { headers: [['authorization', `bearer\t${token}`]] },
    { headers: [['authorization', `Bearer ${token}, Bearer ${token}`]] },
    { headers: [['authorization', `Basic ${token}`]] },
    { headers: [['cookie', `session=${token}`]] },
    {
      headers: [
        ['x-api-key', token],
        ['user-agent', token],
        ['referer', `https://app.example/?t=${token}`],
      ],
    },
    {
      headers: [
        ['mcp-session-id', token],
        ['mcp-name', token],
        ['last-event-id', token],
      ],
    },
    { target: `${SERVICE_TARGET}?access_token=${token}` },
    { target: `/connect/authorize?client_id=${token}&state=${token}&code_challenge=${token}` },
    { target: `/connect/callback?code=${token}&state=${token}` },
    {
      method: 'POST',
      target: '/auth/token',
      headers: [form()],
      body: `grant_type=authorization_code&code=${token}`,
    },
    { method: 'POST', target: '/auth/token', headers: [form()], body: `grant_type=x&refresh_token=${token}` },
    { method: 'POST', target: '/auth/revoke', headers: [form()], body: `token=${token}x&client_id=x` },
    {
      method: 'POST',
      target: '/auth/register',
      headers: [['content-type', 'application/json']],
      body: `{"x":"${token}"`,
    },
  ]
}

function form(): readonly [string, string] {
  return ['content-type', 'application/x-www-form-urlencoded']
}
