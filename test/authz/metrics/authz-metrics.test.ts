import assert from 'node:assert/strict'
import { Registry } from '@prometheus-io/client'
import { newSecret } from '../../../core/keys/keys.ts'
import { beforeAll } from '../../support/before-all.ts'
import { ScrapedMetrics } from '../../support/scraped-metrics.ts'
import { until } from '../../support/until.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { question } from '../support/envoy.ts'
import { startGate } from '../support/gate.ts'
import { openSession } from '../support/sessions.ts'

describe('The metrics of authz', () => {
  const valkey = beforeAll(() => startValkey())
  const gate = beforeAll(() => startGate(valkey))

  async function scrape(): Promise<ScrapedMetrics> {
    const registry = new Registry()
    gate.showMetrics(registry)
    return new ScrapedMetrics(await registry.metrics())
  }

  /** How much a series grows. */
  async function growth(series: string, act: () => Promise<unknown>): Promise<number> {
    const before = (await scrape()).valueOf(series) ?? 0
    await act()
    return ((await scrape()).valueOf(series) ?? 0) - before
  }

  const decisions = (
    verdict: string,
    reason: string,
    { service = 'platform', stage = 'authenticate' } = {},
  ): string =>
    `connect_authz_decisions_total{stage="${stage}",service="${service}",verdict="${verdict}",reason="${reason}"}`
  const lookups = (source: string): string => `connect_authz_session_lookups_total{source="${source}"}`
  const loads = (outcome: string): string =>
    `connect_authz_session_load_duration_seconds_count{outcome="${outcome}"}`

  it('count decisions by service, verdict and reason', async () => {
    const token = await gate.issueToken(openSession())
    assert.equal(await growth(decisions('allow', 'valid_session'), () => gate.envoy.present(token)), 1)
    const anonymous = (): Promise<unknown> => gate.envoy.ask(question({}))
    assert.equal(await growth(decisions('deny', 'no_credential'), anonymous), 1)
    const unrouted = { attributes: { request: { http: { method: 'POST' } } } }
    assert.equal(
      await growth(decisions('deny', 'no_service', { service: 'none' }), () => gate.envoy.ask(unrouted)),
      1,
    )
  })

  it('count the decisions of the second stage', async () => {
    const asked = (): Promise<unknown> => gate.envoy.askToolAccess(question({}))
    const series = decisions('error', 'not_authenticated', { stage: 'tool_access' })
    assert.equal(await growth(series, asked), 1)
  })

  it('time checks by stage', async () => {
    const series = (stage: string): string => `connect_authz_check_duration_seconds_count{stage="${stage}"}`
    assert.equal(await growth(series('authenticate'), () => gate.envoy.ask(question({}))), 1)
    assert.equal(await growth(series('tool_access'), () => gate.envoy.askToolAccess(question({}))), 1)
    assert.equal((await scrape()).valueOf(series('list_filter')), 0)
  })

  it('count what answers a lookup of a session, and time reads of Redis', async () => {
    const token = await gate.issueToken(openSession())
    assert.equal(await growth(lookups('store'), () => gate.envoy.present(token)), 1)
    assert.equal(await growth(lookups('memory'), () => gate.envoy.present(token)), 1)
    const unknown = await gate.signer.sign(openSession())
    assert.equal(await growth(loads('absent'), () => gate.envoy.present(unknown)), 1)
    const next = await gate.issueToken(openSession())
    assert.equal(await growth(loads('found'), () => gate.envoy.present(next)), 1)
    assert.ok(((await scrape()).valueOf('connect_authz_cached_sessions') ?? 0) >= 2)
    assert.ok(((await scrape()).valueOf('connect_authz_cached_session_bytes') ?? 0) > 1000)
  })

  it('show 0 for failures that no process had yet, so that the first one is an increase', async () => {
    assert.equal((await scrape()).valueOf(decisions('error', 'signing_key_missing')), 0)
    assert.equal((await scrape()).valueOf(loads('timeout')), 0)
  })

  it('show the lag of the subscription, an open circuit breaker, and sessions served in grace', async () => {
    const token = await gate.issueToken(openSession())
    await gate.envoy.present(token)
    assert.equal((await scrape()).valueOf('connect_authz_subscription_live'), 1)
    valkey.pause()
    gate.clock.skippedMs += 3000
    try {
      assert.equal(await growth(lookups('grace'), () => gate.envoy.present(token)), 1)
      const metrics = await scrape()
      assert.equal(metrics.valueOf('connect_authz_subscription_live'), 0)
      assert.ok((metrics.valueOf('connect_authz_subscription_lag_seconds') ?? 0) >= 3)
      assert.equal(metrics.valueOf('connect_authz_open_circuits'), 1)
      assert.equal(metrics.valueOf('connect_authz_circuits_opened_total'), 1)
      // Half a second later one request probes the node, and the circuit stays open.
      gate.clock.skippedMs += 600
      await gate.envoy.present(await gate.signer.sign(openSession()))
      assert.equal((await scrape()).valueOf(loads('timeout')), 2)
      assert.equal((await scrape()).valueOf('connect_authz_circuits_opened_total'), 1)
      assert.equal(metrics.valueOf(loads('timeout')), 1)
    } finally {
      valkey.resume()
    }
    await until(() => gate.changes.isLive, 'the subscription')
    assert.equal((await scrape()).valueOf('connect_authz_open_circuits'), 0)
  })

  it("time the Registry's answers", async () => {
    const series = (outcome: string): string =>
      `connect_authz_outgoing_request_duration_seconds_count{target="registry",outcome="${outcome}"}`
    const check = async (): Promise<void> => {
      const token = await gate.issueToken(openSession({ checkedAt: 0, createdAt: 0 }))
      await gate.envoy.present(token)
    }
    assert.equal(await growth(series('answered'), check), 1)
    gate.registry.answer((_request, response) => void response.writeHead(500).end())
    assert.equal(await growth(series('failed'), check), 1)
  })

  it('hold no person, client, token or address', async () => {
    const opening = openSession()
    const token = await gate.issueToken(opening)
    const key = `qk_${newSecret('sealing')}`
    await gate.envoy.present(token)
    await gate.envoy.ask(
      question({ authorization: `Bearer ${key}`, 'x-envoy-external-address': '203.0.113.9' }),
    )
    const text = (await scrape()).series.join('\n')
    const { session, credential } = opening
    for (const secret of [
      token,
      key,
      credential.token,
      session.id,
      session.clientId,
      'ada@example.com',
      '203.0.113.9',
    ]) {
      assert.ok(!text.includes(secret), secret)
    }
  })
})
