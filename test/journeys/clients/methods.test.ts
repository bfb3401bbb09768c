import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { connectedUser } from '../support/connected-user.ts'
import { rawRequest, type RawAnswer } from '../support/raw-request.ts'
import { sharedStack } from '../support/recorded-stack.ts'
import { beforeAll } from '../../support/before-all.ts'

const SPOKEN = ['GET', 'HEAD', 'POST', 'DELETE']
const UNSPOKEN = ['PUT', 'PATCH', 'TRACE', 'PROPFIND']
const ALLOWED = 'GET, HEAD, POST, DELETE, OPTIONS'
const SERVICE_PATHS = ['/mcp/platform/mcp', '/mcp/platform', '/mcp']
const UNKNOWN_PATHS = ['/mcp/platform/mcp/x', '/mcp/platform/other', '/api/graphql', '/']

describe('Every method at every URL has one answer', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedStack())
  const user = beforeAll(() => connectedUser(stack, ADA))

  async function ask(method: string, path: string, token?: string): Promise<RawAnswer> {
    const headers = token === undefined ? [] : ['authorization', `Bearer ${token}`]
    return await rawRequest(`${stack.origin}${path}`, { method, headers })
  }

  /** With a token and without one, the service sees nothing of it. */
  async function answersOf(method: string, path: string): Promise<RawAnswer[]> {
    const reachedBefore = stack.service.requests.length
    const answers = [await ask(method, path), await ask(method, path, user.accessToken)]
    assert.equal(stack.service.requests.length, reachedBefore, `the service saw ${method} ${path}`)
    return answers
  }

  for (const path of SERVICE_PATHS) {
    it(`${path}: 401 and one challenge to what clients use, without a token`, async () => {
      for (const method of SPOKEN) {
        const { status, rawHeaders, body } = await ask(method, path)
        assert.equal(status, 401, method)
        const challenges = rawHeaders.filter((_, at) => /^www-authenticate$/i.test(rawHeaders[at - 1] ?? ''))
        const document = `${stack.origin}/.well-known/oauth-protected-resource${path}`
        assert.deepEqual(challenges, [`Bearer resource_metadata="${document}", scope="platform"`], method)
        assert.equal(body === '', method === 'HEAD')
      }
    })

    it(`${path}: the service's own answer, with a token`, async () => {
      for (const method of SPOKEN) {
        const reachedBefore = stack.service.requests.length
        const { status, headers } = await ask(method, path, user.accessToken)
        assert.equal(stack.service.requests.length, reachedBefore + 1, method)
        // The demo's: a POST without a message is malformed, and nothing but POST is spoken there.
        assert.equal(status, method === 'POST' ? 415 : 405, method)
        if (method !== 'POST') assert.equal(headers.allow, 'POST')
      }
    })
  }

  for (const path of [...SERVICE_PATHS, ...UNKNOWN_PATHS]) {
    it(`${path}: 204 to OPTIONS, 405 to other methods`, async () => {
      for (const { status, headers } of await answersOf('OPTIONS', path)) {
        assert.equal(status, 204)
        assert.equal(headers.allow, ALLOWED)
      }
      for (const method of UNSPOKEN) {
        for (const { status, headers } of await answersOf(method, path)) {
          assert.equal(status, 405, method)
          assert.equal(headers.allow, ALLOWED)
          assert.equal(headers['www-authenticate'], undefined)
        }
      }
    })
  }

  for (const path of UNKNOWN_PATHS) {
    it(`${path}: 404 as JSON, with and without a token`, async () => {
      for (const method of SPOKEN) {
        for (const { status, headers, body } of await answersOf(method, path)) {
          assert.equal(status, 404, method)
          assert.equal(headers['www-authenticate'], undefined)
          if (method !== 'HEAD') assert.deepEqual(JSON.parse(body), { error: 'not_found' })
        }
      }
    })
  }

  it('documents: the same for GET and HEAD', async () => {
    for (const path of [
      '/.well-known/oauth-authorization-server',
      '/.well-known/oauth-protected-resource/mcp',
    ]) {
      const [got, asked] = [await ask('GET', path), await ask('HEAD', path)]
      assert.deepEqual([got.status, asked.status], [200, 200])
      assert.equal(asked.body, '')
      assert.equal(asked.headers['content-type'], got.headers['content-type'])
    }
  })

  it('refuses unknown methods and requests for a proxy', async () => {
    assert.equal((await ask('FOO', '/mcp/platform/mcp', user.accessToken)).status, 400)
    assert.equal((await rawRequest(stack.origin, { method: 'OPTIONS', path: '*' })).status, 404)
  })
})
