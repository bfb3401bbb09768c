import assert from 'node:assert/strict'
import { join } from 'node:path'
import process from 'node:process'
import { fingerprintOf } from '../../../core/clients/blocked-clients.ts'
import { ADA, GRACE, type DemoPerson } from '../../../deploy/demo/people.ts'
import { freeStackPorts } from '../../../deploy/local/context/ports.ts'
import { startStack, type Stack } from '../../../deploy/local/stack.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { connectedUser, type ConnectedUser } from '../support/connected-user.ts'
import { openPage, signInAs } from '../support/consent.ts'
import { echoService } from '../support/services/echo-service.ts'
import { explained } from '../support/explained.ts'
import { tokenExpiringIn } from '../support/load/token.ts'
import { setActive } from '../support/quilt-code.ts'
import { rawPost } from '../support/raw-post.ts'
import type { RawAnswer } from '../support/raw-request.ts'
import { recordedStack, type RecordedStack } from '../support/recorded-stack.ts'

const CLOCK = join(import.meta.dirname, '../support/load/clock-main.ts')
const CHANGE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'package_create', arguments: {} },
})
/** Less than what the clock of authz skips. */
const TOKEN_SECONDS = 60

describe('Two tasks with a session in memory refuse its next request', function () {
  this.timeout(60_000)
  let first: RecordedStack
  let tasks: readonly Stack[]
  const secondLines: string[] = []

  before(async () => {
    const authz = { NODE_OPTIONS: `--import=${CLOCK}` }
    first = await recordedStack({ service: echoService, changes: { authz } })
    const second = await startStack({
      sharesStoreWith: first,
      ports: await freeStackPorts(),
      service: new URL(first.service.url),
      changes: { authz },
      write: (_from, line) => void secondLines.push(line),
    })
    closeAfterAll(() => second.stop())
    tasks = [first, second]
  })

  const change = (token: string): Promise<RawAnswer[]> =>
    Promise.all(tasks.map(({ mcpUrl }) => rawPost(mcpUrl, [`Bearer ${token}`], CHANGE)))

  /** Both tasks have been asked with the token twice, and let it pass. */
  async function warm(token: string): Promise<void> {
    for (let turn = 0; turn < 2; turn += 1) {
      for (const { status, body } of await change(token)) assert.match(`${status} ${body}`, /^200 .*"result"/)
    }
  }

  async function connected(person: DemoPerson = ADA): Promise<ConnectedUser> {
    const user = await connectedUser(first, person)
    await warm(user.accessToken)
    return user
  }

  async function assertRefused(token: string, status: number, body = /Unauthorized/): Promise<void> {
    const reached = first.service.requests.length
    for (const answer of await change(token)) {
      assert.equal(answer.status, status)
      assert.match(answer.body, body)
    }
    assert.equal(first.service.requests.length, reached, 'the service saw nothing')
  }

  async function aMinutePasses(): Promise<void> {
    const before = minutes()
    for (const task of tasks) process.kill(task.process('authz').pid ?? 0, 'SIGUSR2')
    await until(() => minutes() === before + tasks.length, 'both clocks to skip')
  }

  const minutes = (): number =>
    [...first.lines, ...secondLines].filter((line) => line.endsWith('a minute has passed')).length

  it('G09: when it is revoked, whatever was decided before', async () => {
    const user = await connected()
    assert.equal(await user.revoke(), 200)
    await assertRefused(user.accessToken, 401)
  })

  it('when its user makes it read-only: only calls that change something', async () => {
    const user = await connected()
    const page = await openPage(`${first.origin}/connect/apps`)
    await signInAs(page, ADA)
    await page.getByRole('button', { name: 'Make read only' }).first().click()
    await page.getByRole('status').waitFor()
    await page.context().close()
    await assertRefused(user.accessToken, 200, /read-only access/)
    for (const { mcpUrl } of tasks) assert.equal((await user.ask(mcpUrl)).status, 200)
  })

  it('when its verified token expires; another token of the session is allowed', async () => {
    const user = await connected()
    const token = await tokenExpiringIn(first, user.accessToken, TOKEN_SECONDS)
    await warm(token)
    await aMinutePasses()
    await assertRefused(token, 401)
    await warm(user.accessToken)
  })

  it('within a minute after its user is deactivated in Quilt, and allow it once the user is active again', async () => {
    const user = await connected(GRACE)
    const other = await connected(ADA)
    const registry = `http://localhost:${first.context.ports.registry}`
    await setActive(registry, GRACE, false)
    try {
      await aMinutePasses()
      await assertRefused(user.accessToken, 401)
      assert.equal((await explained(first, await user.ask())).reason, 'person_refused')
      await warm(other.accessToken)
    } finally {
      await setActive(registry, GRACE, true)
    }
    await aMinutePasses()
    await until(async () => (await user.ask()).status === 200, 'the person passes again')
  })

  it('when its client is blocked by a new deployment', async () => {
    const user = await connected()
    const other = await connected(GRACE)
    const blocked = fingerprintOf(user.memory.clientInformation()?.client_id ?? '')
    await Promise.all(tasks.map((task) => replaceAuthz(task, { CONNECT_BLOCKED_CLIENTS: blocked })))
    await warm(other.accessToken)
    await assertRefused(user.accessToken, 401)
    await assertRefused(user.accessToken, 401)
    await warm(other.accessToken)
  })
})

/** Deploys changed settings with a new process. */
async function replaceAuthz(task: Stack, settings: Readonly<Record<string, string>>): Promise<void> {
  const authz = task.process('authz')
  Object.assign(authz.spec.environment, settings)
  await authz.stop()
  await authz.start()
}
