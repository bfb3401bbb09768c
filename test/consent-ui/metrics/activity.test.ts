import assert from 'node:assert/strict'
import { Registry } from '@prometheus-io/client'
import { ADA } from '../../../deploy/demo/people.ts'
import { beforeAll } from '../../support/before-all.ts'
import { ScrapedMetrics } from '../../support/scraped-metrics.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { CODE_ALONE, paste, quiltCodeOf } from '../support/pasted-code.ts'
import { approve, cancel, openConsent, tokensFor } from '../support/person.ts'
import { startPublisher } from '../support/publisher.ts'

async function scrape(connect: Pick<Connect, 'showMetrics'>): Promise<ScrapedMetrics> {
  const registry = new Registry()
  connect.showMetrics(registry)
  return new ScrapedMetrics(await registry.metrics())
}

/** Series that grew, without `connect_consent_ui_`, and by how much. */
async function growth(
  connect: Pick<Connect, 'showMetrics'>,
  act: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const before = await scrape(connect)
  await act()
  const after = await scrape(connect)
  const grown = after.series.map((series): [string, number] => [
    series.replace('connect_consent_ui_', ''),
    (after.valueOf(series) ?? 0) - (before.valueOf(series) ?? 0),
  ])
  return Object.fromEntries(grown.filter(([series, by]) => by > 0 && !/_(bucket|sum)\b/.test(series)))
}

const requests = (target: string, outcome = 'answered'): string =>
  `outgoing_request_duration_seconds_count{target="${target}",outcome="${outcome}"}`

describe('The metrics of what users and clients do', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())
  const labelled = (name: string, outcome: string): string =>
    `${name}{identity_provider="${new URL(connect.organisation.identityProvider.origin).host}",outcome="${outcome}"}`

  beforeEach(() => {
    connect.organisation.registryProxy.isDown = false
  })

  it('count registrations, also refused ones', async () => {
    assert.deepEqual(await growth(connect, () => connect.client()), {
      'registrations_total{outcome="registered"}': 1,
    })
    assert.deepEqual(await growth(connect, () => connect.register({ redirect_uris: [] })), {
      'registrations_total{outcome="refused"}': 1,
    })
  })

  it('count a sign-in, a consent and an opened session, and time the servers behind them', async () => {
    const { [requests('registry')]: registry, ...grown } = await growth(connect, () =>
      tokensFor(connect, client),
    )
    assert.deepEqual(grown, {
      [labelled('sign_ins_total', 'signed_in')]: 1,
      [labelled('consents_total', 'approved')]: 1,
      'sessions_opened_total{service="platform",access="full"}': 1,
      [requests('identity_provider')]: 1,
    })
    assert.ok((registry ?? 0) >= 2, 'the exchange, and whose credential it is')
  })

  it('count a consent that the user declines, and a sign-in that the user cancels', async () => {
    const declined = await growth(connect, async () => {
      const browser = connect.browser()
      await cancel(browser, await openConsent(browser, client.authorizationUrl()))
    })
    assert.equal(declined[labelled('consents_total', 'declined')], 1)
    const cancelled = await growth(connect, async () => {
      const browser = connect.browser()
      await browser.press(await browser.open(client.authorizationUrl()), 'Cancel')
    })
    // The credential of the declined consent may be logged out only now.
    const { [requests('registry')]: logouts = 0, ...counted } = cancelled
    assert.ok(logouts <= 1)
    assert.deepEqual(counted, {
      [labelled('sign_ins_total', 'access_denied')]: 1,
      [labelled('consents_total', 'sign_in_refused')]: 1,
    })
  })

  it('count a refreshed session, and a replay of its refresh token', async () => {
    const tokens = await tokensFor(connect, client.from('203.0.113.7'))
    const refresh = (address: string): Promise<unknown> => client.from(address).refresh(tokens.refresh_token)
    assert.equal((await growth(connect, () => refresh('203.0.113.7'))).sessions_refreshed_total, 1)
    connect.skipOwnClock(300)
    const replayed = await growth(connect, () => refresh('198.51.100.7'))
    assert.equal(replayed['replays_total{replay="refresh_token"}'], 1, JSON.stringify(replayed))
  })

  it('count the end of a session by its cause', async () => {
    const tokens = await tokensFor(connect, client)
    const grown = await growth(connect, () => client.revoke(tokens.refresh_token))
    assert.equal(grown['sessions_ended_total{cause="client_revoked"}'], 1)
    const { refresh_token: token } = await tokensFor(connect, client)
    connect.organisation.deactivated.add(ADA.quilt.name)
    connect.skipOwnClock(60)
    const ended = await growth(connect, () => client.refresh(token))
    connect.organisation.deactivated.clear()
    assert.equal(ended['sessions_ended_total{cause="user_inactive"}'], 1)
  })

  it('count a request beyond a rate limit', async () => {
    connect.redeploy({ RATE_LIMIT_REGISTER: '1/60' })
    const grown = await growth(connect, async () => {
      for (let turn = 0; turn < 3; turn += 1) await connect.register({ redirect_uris: [] })
    })
    assert.ok((grown['rate_limits_hit_total{limit="register"}'] ?? 0) >= 2)
    connect.redeploy({ RATE_LIMIT_REGISTER: '60/60' })
  })

  it('count a Registry that fails', async () => {
    connect.organisation.registryProxy.isDown = true
    const grown = await growth(connect, async () => {
      const browser = connect.browser()
      await browser.press(await openConsent(browser, client.authorizationUrl()), 'Continue', {
        access: 'full',
      })
    })
    assert.ok((grown[requests('registry', 'failed')] ?? 0) >= 1, JSON.stringify(grown))
  })
})

describe('The metrics of sign-ins by one-time code', () => {
  const connect = beforeAll(() => startConnect({ settings: CODE_ALONE }))
  const client = beforeAll(() => connect.client())

  it('count codes by outcome, and the sign-in with the Registry as its identity provider', async () => {
    const browser = connect.browser()
    const page = await browser.open(client.authorizationUrl())
    const malformed = await growth(connect, () => paste(browser, page, '?'))
    assert.deepEqual(malformed, { 'pasted_codes_total{outcome="malformed"}': 1 })
    const refused = await growth(connect, () => paste(browser, page, 'AAAAAAAAAAAAAAAAAAAA'))
    assert.equal(refused['pasted_codes_total{outcome="refused"}'], 1)
    const code = await quiltCodeOf(connect)
    const accepted = await growth(connect, async () => approve(browser, await paste(browser, page, code)))
    assert.equal(accepted['pasted_codes_total{outcome="accepted"}'], 1)
    assert.equal(accepted['sign_ins_total{identity_provider="registry",outcome="signed_in"}'], 1)
    assert.equal(accepted['consents_total{identity_provider="registry",outcome="approved"}'], 1)
  })
})

describe('The metrics of fetched client documents', () => {
  const publisher = beforeAll(() => startPublisher())
  const connect = beforeAll(() =>
    startConnect({ reach: publisher.reach, settings: { CONNECT_CLIENT_HOSTS: publisher.host } }),
  )

  it('time a document that cannot be fetched', async () => {
    const id = publisher.urlOf('/absent.json')
    const query = new URLSearchParams({ client_id: id, redirect_uri: 'http://localhost/callback' })
    const grown = await growth(connect, () => connect.get(`/connect/authorize?${query.toString()}`))
    assert.equal(grown[requests('client_document', 'failed')], 1)
  })
})
