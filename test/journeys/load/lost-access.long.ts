import assert from 'node:assert/strict'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { ADA, GRACE, type DemoPerson } from '../../../deploy/demo/people.ts'
import { beforeAll } from '../../support/before-all.ts'
import { listenOnFreePort } from '../../support/free-port.ts'
import { connectedUser, type ConnectedUser } from '../support/connected-user.ts'
import { echoService } from '../support/services/echo-service.ts'
import { setActive } from '../support/quilt-code.ts'
import { recordedStack } from '../support/recorded-stack.ts'

const MAX_ACCESS_MS = 60_000
/** A client that works: its session is asked about in the background, and no request waits. */
const REQUEST_INTERVAL_MS = 500

describe('A user who loses access at the Registry', function () {
  this.timeout(2 * MAX_ACCESS_MS)
  /** Quilt names of users without a role, to authz. */
  const withoutRole = new Set<string>()
  let registryUrl = ''

  const front = beforeAll(() =>
    listenOnFreePort((request, response) => {
      void answered(request.url ?? '/', request.headers.authorization ?? '').then(({ status, body }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(body),
      )
    }),
  )
  const stack = beforeAll(() =>
    recordedStack({ service: echoService, changes: { authz: { QUILT_REGISTRY_URL: front.origin } } }),
  )

  before(() => {
    registryUrl = `http://localhost:${stack.context.ports.registry}`
  })

  async function answered(path: string, authorization: string): Promise<{ status: number; body: string }> {
    const response = await fetch(registryUrl + path, { headers: { authorization } })
    const body = await response.text()
    const { current_user: name = '' } = JSON.parse(body) as { current_user?: string }
    return withoutRole.has(name)
      ? { status: 400, body: '{"message":"Default role not set"}' }
      : { status: response.status, body }
  }

  async function connected(person: DemoPerson): Promise<ConnectedUser> {
    const user = await connectedUser(stack, person)
    assert.equal((await user.ask()).status, 200)
    return user
  }

  /** Asks until the first 401. @returns how long requests passed, in ms */
  async function passedFor(user: ConnectedUser): Promise<number> {
    const begunMs = performance.now()
    while (performance.now() - begunMs < 2 * MAX_ACCESS_MS) {
      const { status } = await user.ask()
      if (status === 401) return performance.now() - begunMs
      assert.equal(status, 200)
      await setTimeout(REQUEST_INTERVAL_MS)
    }
    throw new Error('requests pass without end')
  }

  it('is refused within 60 seconds while they work: deactivated, or without a role', async () => {
    const [deactivated, roleless] = [await connected(GRACE), await connected(ADA)]
    await setActive(registryUrl, GRACE, false)
    withoutRole.add(ADA.quilt.name)
    const took = await Promise.all([passedFor(deactivated), passedFor(roleless)])
    const [afterDeactivation, withoutARole] = took.map((ms) => (ms / 1000).toFixed(1))
    process.stdout.write(
      `      refused after ${afterDeactivation} s (deactivated), ${withoutARole} s (no role)\n`,
    )
    for (const ms of took) assert.ok(ms <= MAX_ACCESS_MS, `${ms} ms`)
    await setActive(registryUrl, GRACE, true)
  })
})
