import assert from 'node:assert/strict'
import { join } from 'node:path'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { beforeAll } from '../../support/before-all.ts'
import { takeSnapshot } from '../../support/store/snapshot.ts'
import { until } from '../../support/until.ts'
import { connectedUser, type ConnectedUser } from '../support/connected-user.ts'
import { echoService } from '../support/services/echo-service.ts'
import { recordedStack } from '../support/recorded-stack.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60_000
const SERVICES = ['authz', 'consent-ui'] as const

describe('A snapshot of Redis that is restored', function () {
  this.timeout(60_000)

  const gap = { STORE_GAP_MAX_SECONDS: '900' }
  const stack = beforeAll(() =>
    recordedStack({ service: echoService, changes: { authz: gap, 'consent-ui': gap } }),
  )

  let linesBefore = 0
  beforeEach(() => {
    linesBefore = stack.lines.length
  })

  const socket = (): string => join(stack.context.folder, 'valkey.sock')
  const alarms = (): string[] =>
    stack.lines.slice(linesBefore).filter((line) => line.includes('"alarm":"store_rolled_back"'))

  /** Kills Redis, and starts it with the snapshot. */
  async function restartStore(): Promise<void> {
    await stack.process('valkey').kill()
    await stack.process('valkey').start()
  }

  /** Asks until authz decides; a 503 means that Redis is not back yet. */
  async function decided(user: ConnectedUser): Promise<number> {
    let status = 503
    await until(async () => (status = (await user.ask()).status) !== 503, 'a decision')
    return status
  }

  /** Waits for the second after the rollback: what was approved in its own second counts as before it. */
  async function secondAfterRollback(): Promise<void> {
    const logged = /"until":"([^"]+)".*before the rollback are ended/
    const [rolledBackAt] = stack.lines.slice(linesBefore).flatMap((line) => logged.exec(line)?.[1] ?? [])
    const next = Date.parse(rolledBackAt ?? '') + SECOND_MS
    assert.ok(next > 0, 'no process logged the rollback')
    await until(() => Date.now() >= next, 'the next second')
  }

  async function refreshed(user: ConnectedUser): Promise<number> {
    let status = 503
    await until(async () => (status = (await user.refresh()).status) !== 503, 'an answer')
    return status
  }

  /** Two users; one session is revoked after the snapshot. */
  async function revokedAfterSnapshot(ageMs: number) {
    const [revoked, other] = [await connectedUser(stack, ADA), await connectedUser(stack, GRACE)]
    assert.deepEqual([(await revoked.ask()).status, (await other.ask()).status], [200, 200])
    const snapshot = await takeSnapshot(socket(), ageMs)
    assert.equal(await revoked.revoke(), 200)
    assert.equal((await revoked.ask()).status, 401)
    return { revoked, other, snapshot }
  }

  it('under running processes ends every session, the revoked one first of all', async () => {
    const { revoked, other, snapshot } = await revokedAfterSnapshot(2 * MINUTE_MS)
    await snapshot.putBack()
    await restartStore()
    assert.equal(await decided(revoked), 401)
    assert.equal(await refreshed(revoked), 400)
    assert.equal(await decided(other), 401)
    assert.equal(await refreshed(other), 400)
    assert.ok(alarms().length > 0)
    await secondAfterRollback()
    const again = await connectedUser(stack, ADA)
    assert.equal((await again.ask()).status, 200)
    assert.equal((await again.refresh()).status, 200)
  })

  it('before the processes start ends every session, the revoked one first of all', async () => {
    const { revoked, other, snapshot } = await revokedAfterSnapshot(16 * MINUTE_MS)
    for (const name of SERVICES) await stack.process(name).stop()
    await snapshot.putBack()
    await restartStore()
    for (const name of SERVICES) await stack.process(name).start()
    assert.equal(await decided(revoked), 401)
    assert.equal(await refreshed(revoked), 400)
    assert.equal(await decided(other), 401)
    assert.equal(await refreshed(other), 400)
    assert.ok(alarms().length > 0)
    await secondAfterRollback()
    assert.equal((await (await connectedUser(stack, ADA)).ask()).status, 200)
  })

  it('is not seen in a failover that lost less than a minute: sessions stay', async () => {
    const user = await connectedUser(stack, GRACE)
    assert.equal((await user.ask()).status, 200)
    const snapshot = await takeSnapshot(socket(), MINUTE_MS / 2)
    await snapshot.putBack()
    await restartStore()
    assert.equal(await decided(user), 200)
    assert.equal(await refreshed(user), 200)
    assert.deepEqual(alarms(), [])
  })
})
