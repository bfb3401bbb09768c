import assert from 'node:assert/strict'
import { ADA } from '../../deploy/demo/people.ts'
import { freeStackPorts } from '../../deploy/local/context/ports.ts'
import { startStack, type Stack } from '../../deploy/local/stack.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { connectedUser } from './support/connected-user.ts'
import { echoService } from './support/echo-service.ts'
import { sharedStack } from './support/recorded-stack.ts'
import { beforeAll } from '../support/before-all.ts'

describe('Two tasks, each with Envoy, authz and consent-ui, over one Redis', function () {
  this.timeout(60_000)
  let second: Stack
  let secondOrigin: string

  const first = beforeAll(() => sharedStack(echoService))

  before(async () => {
    const ports = await freeStackPorts()
    second = await startStack({
      sharesStoreWith: first,
      ports,
      service: new URL(first.service.url),
      write: () => undefined,
    })
    closeAfterAll(() => second.stop())
    secondOrigin = `http://localhost:${ports.connect}`
  })

  it('allows one task’s session at the other', async () => {
    const user = await connectedUser(first, ADA)
    assert.equal((await user.ask(second.mcpUrl)).status, 200)
  })

  it('refuse a session on the next request, whichever task revoked it', async () => {
    for (const origin of [first.origin, secondOrigin]) {
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
