import assert from 'node:assert/strict'
import { fingerprintOf } from '../../core/clients/blocked-clients.ts'
import { ADA } from '../../deploy/demo/people.ts'
import type { Stack } from '../../deploy/local/stack.ts'
import { until } from '../support/until.ts'
import { connectedUser, type ConnectedUser } from './support/connected-user.ts'
import { explained } from './support/explained.ts'
import { createApiKey } from './support/registry-keys.ts'
import { rawPost } from './support/raw-post.ts'
import { secondTask, sharedStack } from './support/recorded-stack.ts'
import { beforeAll } from '../support/before-all.ts'

/** Changes of settings come with new processes: here a second task, while the first still runs with the old ones. */
describe('A deployment after its operator', function () {
  this.timeout(60_000)
  const first = beforeAll(() => sharedStack())
  const blocked = beforeAll(() => connectedUser(first, ADA))
  const other = beforeAll(() => connectedUser(first, ADA))

  const second = beforeAll(() => {
    const settings = { CONNECT_BLOCKED_CLIENTS: fingerprintOf(idOf(blocked)) }
    return secondTask(first, {
      changes: { authz: { ...settings, API_KEYS: 'read' }, 'consent-ui': settings },
    })
  })

  describe('blocked a client', () => {
    it('refuses its access token on the next request, while other clients of the person pass', async () => {
      assert.notEqual(idOf(blocked), idOf(other), 'each has a redirect URI of its own')
      assert.equal((await blocked.ask(first.mcpUrl)).status, 200)
      const reached = first.service.requests.length
      for (const turn of ['cold', 'warm']) assert.equal((await blocked.ask(second.mcpUrl)).status, 401, turn)
      const { reason, told } = await explained(second, await blocked.ask(second.mcpUrl))
      assert.equal(reason, 'client_blocked')
      assert.match(told, /not valid/)
      assert.equal(first.service.requests.length, reached, 'the service saw nothing')
      assert.equal((await other.ask(second.mcpUrl)).status, 200)
    })

    it('refuses to refresh its session', async () => {
      const { status, error } = await blocked.refresh(new URL(second.mcpUrl).origin)
      assert.deepEqual([status, error], [400, 'unauthorized_client'])
    })
  })

  describe('takes API keys for reading', () => {
    let secret: string

    before(async () => {
      await other.ask(first.mcpUrl)
      const quilt = first.service.requests.at(-1)?.authorization ?? ''
      secret = await createApiKey(`http://localhost:${first.context.ports.registry}`, quilt)
    })

    const show = (stack: Pick<Stack, 'mcpUrl'>, key: string, message?: string) =>
      rawPost(stack.mcpUrl, [`Bearer ${key}`], message)

    it('passes the user’s API key to the service unchanged, for reading', async () => {
      const answer = await show(second, secret)
      assert.equal(answer.status, 200)
      assert.match(answer.body, /bucket_list/)
      assert.doesNotMatch(answer.body, /package_create/)
      assert.equal(first.service.requests.at(-1)?.authorization, `Bearer ${secret}`)
    })

    it('passes no other API key, and none for a call that changes something', async () => {
      const reached = first.service.requests.length
      const made = `${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`
      const refused = await show(second, made)
      assert.equal(refused.status, 401)
      const { reason, meaning } = await explained(second, refused)
      assert.equal(reason, 'api_key_refused')
      assert.match(meaning, /the Registry does not accept/)
      assert.equal((await show(first, secret)).status, 401, 'where none are taken')
      const params = { name: 'package_create', arguments: {} }
      const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
      assert.match((await show(second, secret, call)).body, /read-only/)
      assert.equal(first.service.requests.length, reached, 'the service saw nothing')
    })

    it('logs only the fingerprint of a key', async () => {
      assert.equal((await show(second, secret)).status, 200)
      const fingerprint = `${secret.slice(0, 6)}...${secret.slice(-3)}`
      const named = (line: string): boolean => line.startsWith('envoy') && line.includes(fingerprint)
      await until(() => second.lines.some(named), 'the line of the access log')
      for (const line of [...second.lines, ...first.lines])
        assert.ok(!line.includes(secret), line.slice(0, 200))
    })
  })
})

function idOf({ memory }: ConnectedUser): string {
  return memory.clientInformation()?.client_id ?? ''
}
