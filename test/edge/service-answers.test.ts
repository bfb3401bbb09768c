import assert from 'node:assert/strict'
import { ClientMemory } from '../journeys/support/mcp-user.ts'
import { edgeBetween } from './support/edge-between.ts'
import type { EdgeAnswer } from './support/http1.ts'
import { SDKS } from './support/sdk-clients.ts'
import { beforeAll } from '../support/before-all.ts'

const INNER = 'http://inner.example.internal:8080'
const MCP_PATH = '/mcp/platform/mcp'
const CHALLENGE =
  'Bearer resource_metadata="https://connect.example.com/.well-known/oauth-protected-resource"'

/** Headers that could show an internal address, or ask for a credential. */
const TELLING = {
  'content-location': `${INNER}/x`,
  refresh: `0; url=${INNER}/x`,
  link: `<${INNER}/x>; rel=next`,
  'www-authenticate': `Bearer realm="${INNER}"`,
}

describe('An answer of a service', function () {
  let upstream: string

  const edge = beforeAll(() =>
    edgeBetween({ entries: { files: '  redirects: [https://bucket.s3.amazonaws.com]\n' } }),
  )

  before(() => {
    const address = edge.serviceServer.address()
    upstream = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`
  })

  const answered = async (
    target: string,
    status: number,
    headers: Readonly<Record<string, string | string[]>> = {},
  ): Promise<EdgeAnswer> => {
    edge.behind.service = (_request, response) => response.writeHead(status, headers).end(`from ${INNER}`)
    return await edge.ask({ target })
  }

  for (const target of [MCP_PATH, '/files/raw/a', '/files/other']) {
    it(`shows no internal address in a header and asks for no credential: ${target}`, async () => {
      for (const status of [200, 403, 500]) {
        const { status: received, headers } = await answered(target, status, TELLING)
        assert.equal(received, status)
        for (const name of Object.keys(TELLING)) assert.equal(headers.get(name), undefined, name)
      }
    })

    it(`of status 401 becomes 502 with our own body: ${target}`, async () => {
      const answer = await answered(target, 401, TELLING)
      saysBadGateway(answer, /refused the Quilt credential/)
    })

    it(`does not change a 401 of authz: ${target}`, async () => {
      const letPass = edge.authz.script
      edge.authz.script = () => ({
        status: { code: 16 },
        denied_response: {
          status: { code: 401 },
          headers: [{ header: { key: 'www-authenticate', value: CHALLENGE }, append: { value: false } }],
        },
        dynamic_metadata: { fields: { decision: { stringValue: 'deny' } } },
      })
      const { status, headers } = await answered(target, 200)
      edge.authz.script = letPass
      assert.deepEqual([status, headers.get('www-authenticate')], [401, [CHALLENGE]])
    })
  }

  it('that redirects an MCP client becomes 502', async () => {
    for (const status of [300, 301, 302, 303, 304, 307, 308]) {
      saysBadGateway(await answered(MCP_PATH, status, { location: `${INNER}/x` }), /redirect/)
    }
    const { headers } = await answered(MCP_PATH, 201, { location: `${INNER}/x` })
    assert.equal(headers.get('location'), undefined)
  })

  it('of 401 or a redirect lets both SDKs keep their tokens and open no browser', async () => {
    for (const status of [401, 307]) {
      const answer = await answered(MCP_PATH, status, TELLING)
      for (const sdk of SDKS) {
        const memory = new ClientMemory('http://localhost:9/callback', 'Claude Code')
        memory.saveTokens({ access_token: 'access', token_type: 'Bearer' })
        const response = (): Promise<Response> =>
          Promise.resolve(new Response(answer.body, { status: answer.status }))
        await assert.rejects(sdk.connect(memory, `https://connect.example.com${MCP_PATH}`, response))
        assert.equal(memory.authorizationUrl, undefined)
        assert.equal(memory.tokens()?.access_token, 'access')
      }
    }
  })

  const rewritten: readonly (readonly [location: string, here: string])[] = [
    ['UPSTREAM/files/a/b?x=/files', '/files/a/b?x=/files'],
    ['UPSTREAM/files', '/files'],
    ['https://127.0.0.1/files/a#b', '/files/a#b'],
    ['/files/a', '/files/a'],
    ['/files?a', '/files?a'],
    // Unchanged: relative, or listed in the entry.
    ['b/c', 'b/c'],
    ['?page=2', '?page=2'],
    [
      'https://bucket.s3.amazonaws.com/key?X-Amz-Signature=1',
      'https://bucket.s3.amazonaws.com/key?X-Amz-Signature=1',
    ],
  ]
  for (const [location, here] of rewritten) {
    it(`of an HTTP service that redirects to ${location} leads to ${here}`, async () => {
      for (const [target, status] of [
        ['/files/raw/a', 302],
        ['/files/other', 307],
        ['/files/other', 201],
      ] as const) {
        const answer = await answered(target, status, { location: location.replace('UPSTREAM', upstream) })
        assert.deepEqual([answer.status, answer.headers.get('location')], [status, [here]])
      }
    })
  }

  const refused = [
    ...[
      `${INNER}/files/a`,
      'http://127.0.0.1.evil.example/files',
      'UPSTREAM@evil.example/files',
      'UPSTREAM/filesx',
    ],
    ...[
      '//evil.example/files',
      '/\\evil.example',
      '\\\\evil.example',
      'https:evil.example',
      'javascript:alert(1)',
    ],
    ...['UPSTREAM/files/../connect/apps', '/files/..', '/files/%2e%2E/x', '../x', './..;/x', '/connect/apps'],
    ...['https://bucket.s3.amazonaws.com.evil.example/', 'https://bucket.s3.amazonaws.com@evil.example/'],
    ...['http://bucket.s3.amazonaws.com/key', 'https://other.s3.amazonaws.com/key'],
  ]
  it('of an HTTP service that redirects elsewhere becomes 502', async () => {
    for (const location of refused) {
      for (const target of ['/files/raw/a', '/files/other']) {
        const answer = await answered(target, 302, { location: location.replace('UPSTREAM', upstream) })
        saysBadGateway(answer, /does not list/, location)
      }
    }
  })

  it('of an HTTP service may be 304', async () => {
    assert.equal((await answered('/files/other', 304)).status, 304)
  })
})

function saysBadGateway({ status, headers, body }: EdgeAnswer, words: RegExp, what?: string): void {
  assert.equal(status, 502, what)
  assert.deepEqual(headers.get('content-type'), ['application/json'])
  assert.deepEqual(headers.get('cache-control'), ['no-store'])
  assert.equal(headers.get('location'), undefined)
  for (const name of Object.keys(TELLING)) assert.equal(headers.get(name), undefined, name)
  assert.match(JSON.stringify(JSON.parse(body)), words, what)
  assert.doesNotMatch(body, /inner/)
}
