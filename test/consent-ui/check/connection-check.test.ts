import assert from 'node:assert/strict'
import { beforeAll } from '../../support/before-all.ts'
import { FILES, PLATFORM } from '../../support/services.ts'
import { connectOnce, DAY_SECONDS, sessionOf } from '../consent/support.ts'
import { tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { openConsent } from '../support/person.ts'

const CHECK_SECONDS = 300
const CHECK_PAGE = '/connect/check'

describe('A session of “Check my connection”', () => {
  const connect = beforeAll(() => startConnect({ services: [PLATFORM, FILES] }))

  it('is read-only and ends within five minutes, whichever client asks', async () => {
    const client = await connect.client(`${connect.origin}${CHECK_PAGE}`)
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    const callback = new URL((await browser.press(consent, 'Continue')).url)
    const tokens = tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
    const session = await sessionOf(connect, tokens)
    assert.equal(session.access, 'read')
    assert.ok(session.expiresAt <= connect.now() + CHECK_SECONDS)
    assert.ok(tokens.expires_in <= CHECK_SECONDS)
  })

  it('is read-only too when the redirect URI is written in another way', async () => {
    const written = new URL(`${connect.origin}${CHECK_PAGE}`)
    const client = await connect.client(`${written.protocol}//${written.host.toUpperCase()}${CHECK_PAGE}`)
    const browser = connect.browser()
    const page = await openConsent(browser, client.authorizationUrl())
    assert.match(page.text, /Authorize Application/)
    assert.doesNotMatch(page.text, /Read and change/)
    assert.match(page.text, /Quilt Connect’s own check/)
  })

  it('shows the check’s name and badge, never those that its client chose', async () => {
    const client = await connect.client(`${connect.origin}${CHECK_PAGE}`, 'Claude')
    const { text } = await openConsent(connect.browser(), client.authorizationUrl())
    assert.match(text, /Check my connection<\/bdi><\/strong> wants to access/)
    assert.match(text, /Quilt Connect’s own check/)
    assert.doesNotMatch(text, /Claude|not verified|application on this computer|unused/i)
  })

  it('leaves the badge of a client that only took the name of the check', async () => {
    const client = await connect.client('https://claude.ai/cb', 'Check my connection - Quilt Connect')
    const { text } = await openConsent(connect.browser(), client.authorizationUrl())
    assert.match(text, /Name not verified/)
    assert.doesNotMatch(text, /own check/)
  })

  it('is not made wider by a changed form', async () => {
    const client = await connect.client(`${connect.origin}${CHECK_PAGE}`)
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    const answer = await browser.press(consent, 'Continue', { access: 'full' })
    assert.equal(answer.status, 400)
    assert.match(answer.text, /Choice not available/)
  })

  for (const lifetime of ['usual', 'most']) {
    it(`is not made longer by a changed form (${lifetime})`, async () => {
      const client = await connect.client(`${connect.origin}${CHECK_PAGE}`)
      const browser = connect.browser()
      const consent = await openConsent(browser, client.authorizationUrl())
      const callback = new URL((await browser.press(consent, 'Continue', { lifetime })).url)
      const tokens = tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
      assert.ok((await sessionOf(connect, tokens)).expiresAt <= connect.now() + CHECK_SECONDS)
    })
  }

  it('leaves the access and lifetime of other clients as they are', async () => {
    const { session } = await connectOnce(connect, await connect.client(), { choices: { access: 'full' } })
    assert.equal(session.access, 'full')
    assert.ok(session.expiresAt > connect.now() + DAY_SECONDS)
  })
})

describe('The page of “Check my connection”', () => {
  const connect = beforeAll(() => startConnect({ services: [PLATFORM, FILES] }))

  it('may only send requests to this server, and is usable without them', async () => {
    const { status, headers, text } = await connect.get(CHECK_PAGE)
    assert.equal(status, 200)
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*connect-src 'self'/)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.ok(text.includes('<noscript>'))
    const others = await connect.get('/connect/apps')
    assert.ok(others.headers.get('content-security-policy')?.includes('connect-src') !== true)
  })

  it('offers MCP services only', async () => {
    const { text } = await connect.get(`${CHECK_PAGE}?service=${FILES.name}`)
    assert.ok(text.includes(`>${PLATFORM.title}</option>`) && !text.includes(`>${FILES.title}</option>`))
  })
})

describe('The redirect URI of “Check my connection”', () => {
  const connect = beforeAll(() => startConnect({ settings: { CONNECT_ALLOWED_HOSTS: 'claude.ai' } }))

  it('needs no entry of CONNECT_ALLOWED_HOSTS', async () => {
    const { status } = await connect.register({ redirect_uris: [`${connect.origin}${CHECK_PAGE}`] })
    assert.equal(status, 201)
  })

  for (const [what, path] of [
    ['another page of this server', '/connect/apps'],
    ['the same page with a query', `${CHECK_PAGE}?x=1`],
    ['a page below it', `${CHECK_PAGE}/x`],
  ] as const) {
    it(`does not let a client return to ${what}`, async () => {
      const { status } = await connect.register({ redirect_uris: [`${connect.origin}${path}`] })
      assert.equal(status, 400)
    })
  }
})
