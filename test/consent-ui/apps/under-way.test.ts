import assert from 'node:assert/strict'
import { REVOCATION_MARKER_SECONDS } from '../../../consent-ui/lifetimes.ts'
import { GRACE } from '../../../deploy/demo/people.ts'
import type { HttpBrowser } from '../../support/http-browser.ts'
import {
  connectOnce,
  forgetConsents,
  grantedBy,
  isAsked,
  NAMED_CLIENTS,
  namedClient,
  SITE,
} from '../consent/support.ts'
import { assertRefused, tokensOf, type TestClient, type Tokens } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { approve, callbackOf, codeFor } from '../support/person.ts'
import { keysAddedBy } from '../support/store.ts'
import { APPS, openApps, refreshed, send, type AtApps } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

/** An application redeems its code only after its user has ended all sessions. */
describe('A code issued before its user revokes access', () => {
  let client: TestClient
  let browser: HttpBrowser

  const connect = beforeAll(() => startConnect({ settings: { CONNECT_CLIENTS: NAMED_CLIENTS } }))

  beforeEach(async () => {
    await forgetConsents(connect)
    await connect.passTime(REVOCATION_MARKER_SECONDS + 1)
    client = namedClient(connect)
    browser = connect.browser()
  })

  async function apps(): Promise<AtApps> {
    return { browser, page: await browser.open(connect.origin + APPS) }
  }

  async function codeUnasked(): Promise<string> {
    const code = callbackOf(await browser.open(client.authorizationUrl(), SITE)).searchParams.get('code')
    assert.ok(code !== null)
    return code
  }

  async function assertOpensNothing(code: string): Promise<void> {
    const added = await keysAddedBy(connect.redis, async () => {
      assertRefused(await client.redeem(code), 'invalid_grant')
    })
    assert.ok(!added.some((key) => key.endsWith(':session')), added.join())
  }

  for (const wish of ['revoke', 'narrow', 'revoke_all'] as const) {
    it(`opens no session after ${wish}, with or without the consent page`, async () => {
      await connectOnce(connect, client, { browser, choices: { access: 'full' } })
      const unasked = await codeUnasked()
      const asked = await codeFor(connect, client)
      const at = await apps()
      const [, value = 'yes'] = new RegExp(`name="${wish}"\\s+value="([^"]+)"`).exec(at.page.text) ?? []
      assert.equal((await send(at, { [wish]: value })).status, 200)
      await assertOpensNothing(unasked)
      await assertOpensNothing(asked)
    })
  }

  it('does not restore the consent', async () => {
    await connectOnce(connect, client, { browser })
    const code = await codeUnasked()
    await send(await apps(), { revoke_all: 'yes' })
    await client.redeem(code)
    assert.ok(isAsked(await browser.open(client.authorizationUrl(), SITE)))
  })

  it('is refused for two minutes, while later grants work and may skip consent again', async () => {
    await connectOnce(connect, client, { browser })
    await send(await apps(), { revoke_all: 'yes' })
    const callback = await approve(browser, await browser.open(client.authorizationUrl(), SITE))
    tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
    assert.ok(isAsked(await browser.open(client.authorizationUrl(), SITE)))
    await connect.passTime(REVOCATION_MARKER_SECONDS + 1)
    await grantedBy(connect, client, await browser.open(client.authorizationUrl(), SITE))
  })

  it('opens no lasting session, whether it is redeemed before or after', async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      const code = await codeFor(connect, client)
      await connectOnce(connect, client, { browser: connect.browser() })
      const at = await openApps(connect)
      const [answer] = await Promise.all([client.redeem(code), send(at, { revoke_all: 'yes' })])
      const { refresh_token: token } = JSON.parse(answer.text) as Partial<Tokens>
      if (token !== undefined) assert.equal(await refreshed(client, token), 'invalid_grant')
    }
  })

  it('opens its session when it is another user’s', async () => {
    const code = await codeFor(connect, client, { person: GRACE })
    await connectOnce(connect, client, { browser })
    await send(await apps(), { revoke_all: 'yes' })
    tokensOf(await client.redeem(code))
  })
})
