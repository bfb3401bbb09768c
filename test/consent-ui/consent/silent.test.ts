import assert from 'node:assert/strict'
import { HttpBrowser, type Page } from '../../support/http-browser.ts'
import { TestClient } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { callbackOf, openConsent } from '../support/person.ts'
import { connectOnce, forgetConsents, grantedBy, NAMED_CLIENTS, namedClient, SITE } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('prompt=none with an earlier consent', () => {
  let client: TestClient
  let browser: HttpBrowser

  const connect = beforeAll(() => startConnect({ settings: { CONNECT_CLIENTS: NAMED_CLIENTS } }))

  beforeEach(async () => {
    await forgetConsents(connect)
    client = namedClient(connect)
    browser = connect.browser()
  })

  async function again(changes: Record<string, string> = {}, from: string | undefined = SITE): Promise<Page> {
    return await browser.open(client.authorizationUrl(changes), from)
  }

  it('returns a code without a page', async () => {
    await connectOnce(connect, client, { browser, choices: { access: 'full' } })
    assert.equal((await grantedBy(connect, client, await again({ prompt: 'none' }))).access, 'full')
  })

  for (const [when, error, prepare] of [
    [
      'the user has given no consent',
      'consent_required',
      (): Promise<unknown> => openConsent(browser, client.authorizationUrl()),
    ],
    ['no user is signed in', 'login_required', (): Promise<unknown> => connectOnce(connect, client)],
  ] as const) {
    it(`returns ${error} when ${when}`, async () => {
      await prepare()
      const { searchParams } = callbackOf(await again({ prompt: 'none' }))
      assert.equal(searchParams.get('error'), error)
      assert.equal(searchParams.get('state'), client.state)
    })
  }

  it('returns consent_required when another site sent the browser', async () => {
    await connectOnce(connect, client, { browser })
    const { searchParams } = callbackOf(await again({ prompt: 'none' }, 'https://evil.example/'))
    assert.equal(searchParams.get('error'), 'consent_required')
  })

  it('returns an error to the client and shows nothing when a page is needed', async () => {
    await connectOnce(connect, client, { browser })
    connect.organisation.deactivated.add('ada')
    const { searchParams } = callbackOf(await again({ prompt: 'none' }))
    connect.organisation.deactivated.clear()
    assert.equal(searchParams.get('error'), 'interaction_required')
  })

  it('returns an error to the client when the sign-in expired meanwhile', async () => {
    await connectOnce(connect, client, { browser })
    const onlyAuthorize = new HttpBrowser([connect.origin])
    for (const { name, value } of browser.cookies.all('localhost')) {
      onlyAuthorize.cookies.keep(connect.origin, [`${name}=${value}; path=/`])
    }
    const cookie = onlyAuthorize.cookies.header(connect.origin)
    const { pathname, search } = new URL(client.authorizationUrl({ prompt: 'none' }))
    const begun = await connect.get(pathname + search, { cookie, referer: SITE })
    connect.skipOwnClock(601)
    const answer = await connect.get(begun.headers.get('location') ?? '', { cookie })
    const { searchParams } = new URL(answer.headers.get('location') ?? '')
    assert.equal(searchParams.get('error'), 'login_required')
  })
})
