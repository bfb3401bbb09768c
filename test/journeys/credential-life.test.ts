import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../deploy/demo/people.ts'
import { until } from '../support/until.ts'
import { connectedUser, type ConnectedUser } from './support/connected-user.ts'
import { setActive } from './support/quilt-code.ts'
import { recordedStack } from './support/recorded-stack.ts'
import { beforeAll } from '../support/before-all.ts'

const ACCESS_TOKEN_SECONDS = 1
const QUILT_TOKEN_SECONDS = 3

describe('A Quilt credential that expires while its session is in use', function () {
  this.timeout(60_000)
  let registryUrl: string

  const stack = beforeAll(() =>
    recordedStack({
      changes: {
        'consent-ui': { ACCESS_TOKEN_SECONDS: String(ACCESS_TOKEN_SECONDS) },
        registry: { DEMO_REGISTRY_TOKEN_SECONDS: String(QUILT_TOKEN_SECONDS) },
      },
    }),
  )

  before(() => {
    registryUrl = `http://localhost:${stack.context.ports.registry}`
  })

  const credential = (): string => stack.service.requests.at(-1)?.authorization ?? ''

  /** Works as a client does: one request after the other, a refresh at each 401. */
  async function work(user: ConnectedUser, accepted = [200, 504]): Promise<'works' | 'signed out'> {
    const { status } = await user.ask()
    if (status !== 401) {
      assert.ok(accepted.includes(status), `${status}`)
      return 'works'
    }
    const refreshed = await user.refresh()
    if (refreshed.status === 200) return 'works'
    assert.deepEqual([refreshed.status, refreshed.error], [400, 'invalid_grant'])
    return 'signed out'
  }

  it('is renewed while requests continue, and the service gets the new one', async () => {
    const user = await connectedUser(stack, ADA)
    await work(user)
    const seen = new Set([credential()])
    const firstEnds = Date.now() + QUILT_TOKEN_SECONDS * 1000
    // The last one is used after the first has expired.
    const lasts = (): boolean => seen.size > 2 && Date.now() > firstEnds
    await until(async () => {
      assert.equal(await work(user), 'works')
      seen.add(credential())
      return lasts()
    }, 'two renewals')
  })

  it('ends the session with 401 when it cannot be renewed, and the service never gets the expired one', async () => {
    const user = await connectedUser(stack, GRACE)
    assert.equal(await work(user), 'works')
    await setActive(registryUrl, GRACE, false)
    // The service refuses a deactivated user before authz has asked about them, and its 401 is not passed on.
    await until(async () => (await work(user, [200, 502, 504])) === 'signed out', 'the end of the session')
    const before = stack.service.requests.length
    assert.equal((await user.ask()).status, 401)
    assert.equal(stack.service.requests.length, before)
    await setActive(registryUrl, GRACE, true)
  })
})
