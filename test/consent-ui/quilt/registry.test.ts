import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { ADA } from '../../../deploy/demo/people.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { startConnect } from '../support/connect.ts'
import { approve, openConsent, tokensFor } from '../support/person.ts'
import { ScriptedIdentityProvider } from '../support/scripted-identity-provider.ts'
import { exchanged, ScriptedRegistry } from '../support/scripted-registry.ts'
import { beforeAll } from '../../support/before-all.ts'

const EXCHANGE = '/api/token-exchange'
const ME = '/api/me'

describe('A Registry', () => {
  let browser: HttpBrowser

  const registry = beforeAll(() => new ScriptedRegistry())
  const connect = beforeAll(() => startConnect({ registry: registry.listener }))
  const client = beforeAll(() => connect.client())

  beforeEach(() => {
    registry.odd = {}
    registry.isDown = false
    registry.asked.length = 0
    browser = connect.browser()
  })

  async function consentPage(): Promise<Page> {
    return await openConsent(browser, client.authorizationUrl())
  }

  /** Asserts a consent page, then a page without a code, and that the user can try again. */
  async function assertNotApproved(status: number, words: string): Promise<Page> {
    const consent = await consentPage()
    assert.equal(consent.status, 200)
    const page = await browser.press(consent, 'Continue')
    assert.equal(page.status, status, page.text)
    assert.ok(page.text.includes(words), page.text)
    assert.equal(page.headers.get('location'), null)
    assert.deepEqual(await connect.redis.keys('connect:*:code:*'), [])
    registry.odd = {}
    registry.isDown = false
    const again = status === 403 ? await openConsent(browser, consent.url) : consent
    assert.ok((await approve(browser, again)).searchParams.has('code'))
    await connect.passTime(60)
    return page
  }

  it('exchanges one token for a page and its approval, and names the user again at the approval', async () => {
    const consent = await consentPage()
    assert.deepEqual(registry.asked, [EXCHANGE, ME, '/graphql'])
    await approve(browser, consent)
    assert.deepEqual(registry.asked, [EXCHANGE, ME, '/graphql', ME])
    await connect.passTime(60)
  })

  it('that fails only at the approval counts as unavailable', async () => {
    const consent = await consentPage()
    registry.isDown = true
    assert.equal((await browser.press(consent, 'Continue')).status, 503)
    registry.isDown = false
    assert.ok((await approve(browser, consent)).searchParams.has('code'))
    await connect.passTime(60)
  })

  it('gives a credential of a minute: another one is exchanged at the approval', async () => {
    registry.odd = { [EXCHANGE]: { status: 200, body: exchanged({ expires_in: 60 }) } }
    await approve(browser, await consentPage())
    assert.deepEqual(registry.asked.filter((path) => path === EXCHANGE).length, 2)
    await connect.passTime(60)
  })

  it('that refuses the user only at the approval gives no code', async () => {
    const consent = await consentPage()
    registry.odd = { [ME]: { status: 401, body: '{"message":"Token invalid."}' } }
    const page = await browser.press(consent, 'Continue')
    assert.deepEqual([page.status, registry.asked.at(-1)], [403, '/api/logout'])
    assert.ok(page.text.includes('No Quilt account'), page.text)
  })

  it('gives the user name that becomes sub of access tokens', async () => {
    const tokens = await tokensFor(connect, client)
    assert.equal(decodeJwt(tokens.access_token).sub, ADA.quilt.name)
    await connect.passTime(600)
  })

  for (const [what, odd] of Object.entries({
    'does not know the user': { [EXCHANGE]: { status: 400, body: '{"error":"invalid_request"}' } },
    'refuses the user': { [EXCHANGE]: { status: 403, body: '{"message":"Account is inactive."}' } },
    'calls the account inactive': {
      [ME]: {
        status: 200,
        body: JSON.stringify({ current_user: 'ada', email: ADA.email, is_active: false }),
      },
    },
    'refuses its own token': { [ME]: { status: 401, body: '{"message":"Token invalid."}' } },
    'names another user': {
      [ME]: { status: 200, body: '{"current_user":"eve","email":"eve@example.com"}' },
    },
    'names an address in other case': {
      [ME]: { status: 200, body: '{"current_user":"eve","email":"ADA@example.com"}' },
    },
    'names an address with the same beginning': {
      [ME]: { status: 200, body: '{"current_user":"eve","email":"ada@example.com@evil.example"}' },
    },
  })) {
    it(`that ${what} gives no code`, async () => {
      registry.odd = odd
      await assertNotApproved(403, 'No Quilt account')
    })
  }

  for (const [what, path, odd] of [
    ['fails', EXCHANGE, { status: 500, body: '{"message":"Internal server error."}' }],
    ['is busy', EXCHANGE, { status: 429, body: '{"message":"Too many requests."}' }],
    ['refuses our client id', EXCHANGE, { status: 401, body: '{"error":"invalid_client"}' }],
    ['refuses our client the exchange', EXCHANGE, { status: 400, body: '{"error":"unauthorized_client"}' }],
    ['answers with an HTML page', EXCHANGE, { status: 200, body: '<html>', type: 'text/html' }],
    ['answers with an empty body', EXCHANGE, { status: 200, body: '' }],
    ['redirects', EXCHANGE, { status: 302, body: '' }],
    ['gives no token', EXCHANGE, { status: 200, body: '{"token_type":"Bearer","expires_in":60}' }],
    [
      'gives an empty token',
      EXCHANGE,
      { status: 200, body: '{"access_token":"","token_type":"Bearer","expires_in":60}' },
    ],
    [
      'gives a token of another type',
      EXCHANGE,
      { status: 200, body: '{"access_token":"x","token_type":"N_A","expires_in":60}' },
    ],
    ['gives no lifetime', EXCHANGE, { status: 200, body: '{"access_token":"x","token_type":"Bearer"}' }],
    [
      'gives an expired token',
      EXCHANGE,
      { status: 200, body: '{"access_token":"x","token_type":"Bearer","expires_in":0}' },
    ],
    ['answers with 100 KB', EXCHANGE, { status: 200, body: `{"x":"${'x'.repeat(100_000)}"}` }],
    ['names no user', ME, { status: 200, body: '{}' }],
    ['names null as the user', ME, { status: 200, body: '{"current_user":null,"email":null}' }],
    [
      'gives a name that is empty',
      ME,
      { status: 200, body: JSON.stringify({ current_user: '', email: ADA.email }) },
    ],
    ['fails at the second request', ME, { status: 502, body: '<html>' }],
  ] as const) {
    it(`that ${what} counts as unavailable, and refuses no user`, async () => {
      registry.odd = { [path]: odd }
      const page = await assertNotApproved(503, 'The Quilt Registry sent an invalid response')
      assert.equal(page.headers.get('retry-after'), '5')
      // A link would not send the form again.
      assert.ok(!page.text.includes('Try again</a>'))
    })
  }

  it('whose answer is not JSON is not quoted in the log', async () => {
    registry.odd = { [EXCHANGE]: { status: 200, body: '{"access_token":quilt-secret' } }
    await assertNotApproved(503, 'The Quilt Registry sent an invalid response')
    const line = connect.lines.find((text) => text.includes('cannot be read') && text.includes('"route"'))
    assert.match(line ?? '', /"route":"\/connect\/authorize\/:id"/)
    assert.doesNotMatch(connect.lines.join('\n'), /quilt-s/)
  })

  it('that is down counts as unavailable', async () => {
    registry.isDown = true
    await assertNotApproved(503, 'The Quilt Registry does not answer')
  })

  it('that is down does not stop refreshing', async () => {
    const tokens = await tokensFor(connect, client)
    registry.isDown = true
    assert.equal((await client.refresh(tokens.refresh_token)).status, 200)
    await connect.passTime(600)
  })
})

describe('The demo Registry', () => {
  it('gives no code to a user who is not in Quilt', async () => {
    const provider = new ScriptedIdentityProvider()
    const connect = await startConnect({ identityProvider: (issuer, uri) => provider.listener(issuer, uri) })
    const client = await connect.client()
    for (const email of [
      'stranger@example.com',
      'ada@example.com ',
      'ada@example.com.',
      '"ada"@example.com',
    ]) {
      provider.claims = { email }
      const browser = connect.browser()
      const page = await browser.press(await browser.open(client.authorizationUrl()), 'Continue')
      assert.equal(page.status, 403, `${email}: ${page.text}`)
    }
  })
})
