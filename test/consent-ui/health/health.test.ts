import assert from 'node:assert/strict'
import { Health, type HealthReport } from '../../../consent-ui/health/health.ts'
import { LastOutcome } from '../../../consent-ui/health/last-outcome.ts'
import { createLog } from '../../../core/log/log.ts'
import { connectStore } from '../../../core/store/redis.ts'
import { beforeAll } from '../../support/before-all.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { storeEvent } from '../../support/store/store-event.ts'
import { until } from '../../support/until.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { startValkeyCluster } from '../../support/store/valkey-cluster.ts'
import { startConnect } from '../support/connect.ts'
import { openConsent, tokensFor } from '../support/person.ts'

describe('GET /healthz of consent-ui', () => {
  const valkey = beforeAll(() => startValkey())
  const connect = beforeAll(() => startConnect({ valkey }))

  async function ask(path = '/healthz'): Promise<[status: number, report: HealthReport]> {
    const answer = await connect.get(path)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    return [answer.status, JSON.parse(answer.text) as HealthReport]
  }

  it('stays 200 while Redis is down; ?now is 503 until Redis is back', async () => {
    const [status, report] = await ask('/healthz?now')
    assert.deepEqual([status, report.started, report.ready], [200, true, true])
    const closed = storeEvent(connect.redis, 'close')
    await valkey.kill()
    await closed
    for (const [path, expected] of [
      ['/healthz', 200],
      ['/healthz?now', 503],
    ] as const) {
      const [during, { started, ready }] = await ask(path)
      assert.deepEqual([during, started, ready], [expected, true, false])
    }
    const back = storeEvent(connect.redis, 'ready')
    await valkey.restart()
    await back
    assert.equal((await ask('/healthz?now'))[0], 200)
  })

  it('answers in time while Redis hangs', async () => {
    valkey.pause()
    const begun = performance.now()
    const [status, { ready }] = await ask('/healthz?now')
    assert.deepEqual([status, ready], [503, false])
    assert.ok(performance.now() - begun < 900)
    valkey.resume()
    await until(async () => (await ask('/healthz?now'))[0] === 200, 'Redis again')
  })

  it('is 503 before Redis was reached once', async () => {
    const store = connectStore(
      { mode: 'single', urls: ['unix:/nowhere/a.sock'] },
      createLog('test', 'silent'),
    )
    closeAfterAll(() => store.disconnect())
    const unknown = new LastOutcome(() => 0)
    const outcomes = { identityProvider: unknown, registry: unknown }
    const report = await new Health({ store, outcomes, hasIdentityProvider: false }).report()
    assert.deepEqual(report, { started: false, ready: false, registry: { state: 'unknown' } })
  })

  it('is not ready while one master of a cluster is down', async () => {
    const { settings, nodes } = await startValkeyCluster()
    const store = connectStore(settings, createLog('test', 'silent'))
    closeAfterAll(() => store.disconnect())
    await storeEvent(store, 'ready')
    const unknown = new LastOutcome(() => 0)
    const outcomes = { identityProvider: unknown, registry: unknown }
    const health = new Health({ store, outcomes, hasIdentityProvider: false })
    await until(async () => (await health.report()).ready, 'the connection to each master')
    await nodes[2]?.kill()
    await until(async () => !(await health.report()).ready, 'the loss of a master')
    assert.equal((await health.report()).started, true)
  })

  it('is 404 for a client, whose request Envoy forwards', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.1', accept: 'text/html' }
    for (const path of ['/healthz', '/healthz?now', '/healthz/']) {
      const { status, text } = await connect.get(path, forwarded)
      assert.equal(status, 404)
      assert.ok(!text.includes('started'))
    }
  })

  it('reports what the last requests to identity provider and Registry showed, and sends none', async () => {
    const apart = await startConnect()
    const report = async (): Promise<unknown> => {
      const { text } = await apart.get('/healthz')
      const { identity_provider, registry } = JSON.parse(text) as HealthReport
      return [identity_provider?.state, registry.state]
    }
    assert.deepEqual(await report(), ['unknown', 'unknown'])
    const client = await apart.client()
    await tokensFor(apart, client)
    assert.deepEqual(await report(), ['up', 'up'])
    const browser = apart.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    const { registryProxy } = apart.organisation
    registryProxy.isDown = true
    const failed = await browser.press(consent, 'Continue', { access: 'full' })
    assert.equal(failed.status, 503)
    registryProxy.forget()
    assert.deepEqual(await report(), ['up', 'down'])
    assert.deepEqual(registryProxy.asked, [])
  })
})
