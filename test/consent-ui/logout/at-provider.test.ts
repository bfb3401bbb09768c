import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { beforeAll } from '../../support/before-all.ts'
import { readForm } from '../../support/html-form.ts'
import { ADMIN, openAdmin } from '../admin/support.ts'
import { APPS, openApps, refreshed, SIGN_OUT } from '../apps/support.ts'
import { encode } from '../support/answer.ts'
import { startConnect } from '../support/connect.ts'
import { read } from '../support/pasted-code.ts'
import { tokensFor } from '../support/person.ts'
import { startWithLogouts } from './support.ts'

describe('Signing out at the identity provider too', () => {
  const connect = beforeAll(() => startConnect())
  const providerHost = (): string => new URL(connect.organisation.identityProvider.origin).host

  async function signedOut() {
    const { browser } = await openApps(connect)
    const page = await browser.press(await browser.open(connect.origin + SIGN_OUT), 'Sign out')
    return { browser, page }
  }

  it('is offered after signing out here, with the ID token in a form and in no URL of ours', async () => {
    const { page } = await signedOut()
    const { action, fields } = readForm(page.text, page.url)
    assert.equal(action, `${connect.organisation.identityProvider.origin}/session/end`)
    assert.match(fields.id_token_hint ?? '', /^eyJ/)
    assert.equal(fields.post_logout_redirect_uri, connect.origin + SIGN_OUT)
    assert.ok(page.visited.every((url) => !url.includes('eyJ')))
  })

  it('ends the provider’s session and comes back with our state', async () => {
    const { browser, page } = await signedOut()
    assert.ok(read(page).includes(`still be signed in at your identity provider ( ${providerHost()} )`))
    const { action, fields } = readForm(page.text, page.url)
    const confirm = await browser.open(`${action}?${encode(fields)}`)
    assert.ok(read(confirm).includes('Do you want to sign out of the demo organisation?'), confirm.text)
    const form = readForm(confirm.text, confirm.url)
    const back = await browser.submit(form.action, { ...form.fields, logout: 'yes' })
    assert.equal(new URL(back.url).pathname, SIGN_OUT)
    assert.ok(read(back).includes('You are signed out, also at your identity provider.'), back.text)
  })

  it('reports the logout back-channel, which signs the user out in every browser and ends no session', async () => {
    const client = await connect.client()
    const tokens = await tokensFor(connect, client)
    const { browser } = await openApps(connect)
    // The same session of the provider, in another browser profile's cookies.
    const page = await browser.open(`${connect.organisation.identityProvider.origin}/session/end`)
    const form = readForm(page.text, page.url)
    assert.equal((await browser.open(connect.origin + APPS)).url, connect.origin + APPS)
    await browser.submit(form.action, { ...form.fields, logout: 'yes' })
    const again = await browser.open(connect.origin + APPS)
    assert.ok(again.url.startsWith(connect.organisation.identityProvider.origin), again.text)
    assert.equal(await refreshed(client, tokens.refresh_token), 'refreshed')
  })

  it('ends an administrator’s sign-in to the administrators’ page too', async () => {
    const { browser } = await openAdmin(connect)
    const { lastCredential } = connect.organisation.registryProxy
    assert.equal((await browser.open(connect.origin + ADMIN)).url, connect.origin + ADMIN)
    const page = await browser.open(`${connect.organisation.identityProvider.origin}/session/end`)
    const form = readForm(page.text, page.url)
    await browser.submit(form.action, { ...form.fields, logout: 'yes' })
    const again = await browser.open(connect.origin + ADMIN)
    assert.ok(again.url.startsWith(connect.organisation.identityProvider.origin), again.text)
    await connect.organisation.registryProxy.loggedOut(lastCredential)
  })

  it('says nothing of the provider for a state that is not ours', async () => {
    for (const state of ['', 'x', 'x.y', `${'x'.repeat(43)}.${'y'.repeat(43)}`]) {
      const page = await connect.get(`${SIGN_OUT}?state=${state}`)
      assert.equal(page.status, 200)
      assert.ok(!page.text.includes('also at your identity provider'))
    }
  })
})

describe('An identity provider', () => {
  const at = beforeAll(() => startWithLogouts())

  async function signedOutPage(): Promise<string> {
    at.connect.redeploy()
    const browser = at.connect.browser()
    await browser.open(at.connect.origin + APPS)
    return (await browser.press(await browser.open(at.connect.origin + SIGN_OUT), 'Sign out')).text
  }

  for (const [what, endpoint] of Object.entries({
    'without an end_session_endpoint': undefined,
    'whose end_session_endpoint is a script': 'javascript:alert(1)',
    'whose end_session_endpoint is no URL': 'logout',
  })) {
    it(`${what} is not offered for signing out`, async () => {
      at.provider.metadata = { end_session_endpoint: endpoint }
      const page = await signedOutPage()
      assert.ok(page.includes('You are signed out.'))
      assert.ok(!page.includes('<form'), page)
    })
  }

  it('that is down does not stop a user from signing out here', async () => {
    const browser = at.connect.browser()
    const shown = await browser.open(at.connect.origin + APPS)
    assert.ok(shown.text.includes(ADA.email))
    const question = await browser.open(at.connect.origin + SIGN_OUT)
    at.connect.redeploy()
    at.provider.isDown = true
    const page = await browser.press(question, 'Sign out')
    assert.equal(page.status, 200)
    assert.ok(page.text.includes('You are signed out.'))
  })
})
