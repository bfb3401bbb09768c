import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readForm } from '../../support/html-form.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import type { TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { approve, callbackOf, openConsent } from '../support/person.ts'
import { keysAddedBy } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

const EVIL = 'https://evil.example/cb'

async function linksOf({ redis, origin }: Connect): Promise<{ name: string; mac: string }[]> {
  const found = await Promise.all(
    (await redis.keys('connect:person:*')).map(async (name) => {
      const link = JSON.parse((await redis.get(name)) ?? '') as { mac: string; origin: string }
      return { name, ...link }
    }),
  )
  return found.filter((link) => link.origin === origin)
}

/** An attacker who can write to Redis but has no key of the operator. */
describe('A record that an attacker changed in Redis', () => {
  let browser: HttpBrowser
  let consent: Page
  let key: string

  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  beforeEach(async () => {
    connect.lines.length = 0
    browser = connect.browser()
    const added = await keysAddedBy(connect.redis, async () => {
      consent = await openConsent(browser, client.authorizationUrl())
    })
    key = added.find((name) => /^connect:transaction:\{[^}]+\}$/.test(name)) ?? ''
  })

  async function change(at: string, changes: Record<string, unknown>): Promise<void> {
    const record = JSON.parse((await connect.redis.get(at)) ?? '') as object
    await connect.redis.set(at, JSON.stringify({ ...record, ...changes }), 'KEEPTTL')
  }

  function assertRefused({ status, headers, text }: Page): void {
    assert.equal(status, 403, text)
    assert.equal(headers.get('location'), null)
    assert.ok(text.includes('Stored data was changed'))
  }

  function alarms(): (string | undefined)[] {
    return connect.lines
      .map((line) => JSON.parse(line) as { alarm?: string; record?: string })
      .flatMap(({ alarm, record }) => (alarm === 'changed_record' ? [record] : []))
  }

  it('does not send a code to a redirect URI written into a transaction', async () => {
    const challenge = createHash('sha256').update('a'.repeat(43)).digest('base64url')
    await change(key, { redirectUri: EVIL, codeChallenge: challenge })
    const codes = await keysAddedBy(connect.redis, async () => {
      assertRefused(await browser.press(consent, 'Continue'))
      assertRefused(await browser.press(consent, 'Cancel'))
      assertRefused(await browser.open(consent.url))
    })
    assert.deepEqual(codes, [])
    assert.deepEqual(alarms(), ['transaction', 'transaction', 'transaction'])
  })

  it("does not send a code if it was replaced by another transaction's record", async () => {
    const other = await keysAddedBy(connect.redis, () => browser.open(client.authorizationUrl()))
    const from = other.find((name) => /^connect:transaction:\{[^}]+\}$/.test(name)) ?? ''
    await connect.redis.copy(from, key, 'REPLACE')
    assertRefused(await browser.press(consent, 'Continue'))
    assert.deepEqual(alarms(), ['transaction'])
  })

  it('shows no connected applications and approves nothing if it is a link', async () => {
    await approve(browser, consent)
    const links = await linksOf(connect)
    assert.equal(links.length, 3)
    for (const { name } of links) await change(name, { to: 'connect:person:of-another-person' })
    assertRefused(await browser.open(`${connect.origin}/connect/apps`))
    const again = connect.browser()
    assertRefused(await again.press(await openConsent(again, client.authorizationUrl()), 'Continue'))
    assert.ok(alarms().includes('person_link'))
    assert.ok(!alarms().includes('transaction'))
    await connect.redis.del(...links.map(({ name }) => name))
  })

  it('counts without a MAC until UNSIGNED_RECORDS_UNTIL, and not after', async () => {
    await change(key, { mac: undefined })
    connect.redeploy({ UNSIGNED_RECORDS_UNTIL: new Date(Date.now() - 1000).toISOString().slice(0, 10) })
    assertRefused(await browser.open(consent.url))
    connect.redeploy({ UNSIGNED_RECORDS_UNTIL: '2999-01-01' })
    assert.ok((await approve(browser, consent)).searchParams.has('code'))
    connect.redeploy({ UNSIGNED_RECORDS_UNTIL: '' })
  })

  it('gives 503 and a log line, not a refusal, while its key is missing', async () => {
    await change(key, { mac: `gone.${'A'.repeat(43)}` })
    const page = await browser.open(consent.url)
    assert.equal(page.status, 503, page.text)
    assert.ok(connect.lines.some((line) => line.includes('sealing key gone is missing')))
    assert.deepEqual(alarms(), [])
  })
})

describe('A link between a subject and a Quilt user', () => {
  const keysOf = async (connect: Connect): Promise<(string | undefined)[]> =>
    (await linksOf(connect)).map(({ mac }) => mac.split('.')[0])

  it('is signed again under the current key at each sign-in', async () => {
    const connect = await startConnect()
    const client = await connect.client()
    const approved = async (): Promise<void> => {
      const browser = connect.browser()
      await approve(browser, await openConsent(browser, client.authorizationUrl()))
    }
    await approved()
    assert.deepEqual(await keysOf(connect), ['key-1', 'key-1', 'key-1'])
    connect.rotateSealingKeys()
    await approved()
    assert.deepEqual(await keysOf(connect), ['key-2', 'key-2', 'key-2'])
  })
})

describe('An answer to a client', () => {
  let connect: Connect
  let client: TestClient
  let browser: HttpBrowser
  let consent: Page

  beforeEach(async () => {
    connect = await startConnect()
    client = await connect.client('https://claude.ai/api/mcp/auth_callback', 'Claude')
    browser = connect.browser()
    consent = await openConsent(browser, client.authorizationUrl())
  })

  for (const button of ['Continue', 'Cancel'] as const) {
    it(`is not sent after ${button} to a redirect URI that the operator no longer allows`, async () => {
      connect.redeploy({ CONNECT_ALLOWED_HOSTS: 'chatgpt.com' })
      const added = await keysAddedBy(connect.redis, async () => {
        const page = await browser.press(consent, button)
        assert.equal(page.status, 400, page.text)
        assert.ok(page.text.includes('Callback address not allowed'))
        assert.equal(page.headers.get('location'), null)
      })
      assert.deepEqual(added, [])
    })
  }

  it('is not sent again to a client that the operator has blocked since', async () => {
    const callback = callbackOf(await browser.press(consent, 'Continue'))
    assert.ok(callback.searchParams.has('code'))
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: 'claude.ai' })
    const fields = { ...readForm(consent.text, consent.url).fields, decision: 'continue' }
    const page = await browser.submit(consent.url, fields)
    assert.equal(page.status, 403, page.text)
    assert.equal(page.headers.get('location'), null)
  })
})
