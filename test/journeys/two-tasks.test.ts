import assert from 'node:assert/strict'
import { ADA } from '../../deploy/demo/people.ts'
import { connectedUser } from './support/connected-user.ts'
import { echoService } from './support/echo-service.ts'
import { secondTask, sharedStack } from './support/recorded-stack.ts'
import { beforeAll } from '../support/before-all.ts'

describe('Two tasks, each with Envoy, authz and consent-ui, over one Redis', function () {
  this.timeout(60_000)

  const first = beforeAll(() => sharedStack(echoService))
  const second = beforeAll(() => secondTask(first))

  it('allows one task’s session at the other', async () => {
    const user = await connectedUser(first, ADA)
    assert.equal((await user.ask(second.mcpUrl)).status, 200)
  })

  it('refuse a session on the next request, whichever task revoked it', async () => {
    for (const origin of [first.origin, new URL(second.mcpUrl).origin]) {
      const user = await connectedUser(first, ADA)
      for (const { mcpUrl } of [first, second]) assert.equal((await user.ask(mcpUrl)).status, 200)
      assert.equal(await user.revoke(origin), 200)
      const answers = await Promise.all([first, second].map(({ mcpUrl }) => user.ask(mcpUrl)))
      assert.deepEqual(
        answers.map(({ status }) => status),
        [401, 401],
      )
    }
  })

  it('report a task that hangs, which refuses the session as soon as it is back', async () => {
    const user = await connectedUser(first, ADA)
    for (const { mcpUrl } of [first, second]) assert.equal((await user.ask(mcpUrl)).status, 200)
    second.process('authz').pause()
    assert.equal(await user.revoke(), 200)
    assert.equal((await user.ask()).status, 401)
    assert.ok(first.lines.some((line) => line.includes('not acknowledged by every authz')))
    second.process('authz').resume()
    assert.equal((await user.ask(second.mcpUrl)).status, 401)
  })
})
