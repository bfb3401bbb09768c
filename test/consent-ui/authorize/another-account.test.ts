import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { APPS, openApps, SIGN_OUT } from '../apps/support.ts'
import { startConnect } from '../support/connect.ts'
import { settingsOf } from '../support/organisation.ts'
import { CODE_AFTER_SIGN_IN, CODE_ALONE, paste, quiltCodeOf } from '../support/pasted-code.ts'
import { approve, openConsent, signIn } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

const BUTTON = 'Use another account'
const NOT_YOU = 'Not you?'

describe('The choice of another account', () => {
  let browser: HttpBrowser

  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  beforeEach(() => {
    browser = connect.browser()
    connect.redeploy(settingsOf(connect.organisation))
  })

  afterEach(() => {
    connect.organisation.deactivated.clear()
  })

  function isAtIdentityProvider({ url }: Page): boolean {
    return url.startsWith(connect.organisation.identityProvider.origin)
  }

  function promptsOf({ visited }: Page): (string | null)[] {
    return visited
      .filter((url) => url.includes('code_challenge='))
      .map((url) => new URL(url).searchParams.get('prompt'))
  }

  function linkOf(page: Page): string {
    const [, href = ''] = new RegExp(`<a href="([^"]*)">${BUTTON}</a>`).exec(page.text) ?? []
    assert.notEqual(href, '', page.text)
    return connect.origin + href
  }

  it('is offered on the consent page, and the request continues with the new user', async () => {
    const consent = await openConsent(browser, client.authorizationUrl())
    const choice = await browser.press(consent, NOT_YOU)
    assert.ok(isAtIdentityProvider(choice), choice.text)
    const asGrace = await signIn(browser, choice, GRACE)
    assert.equal(asGrace.url, consent.url)
    assert.ok(asGrace.text.includes(GRACE.email) && !asGrace.text.includes(ADA.email))
    assert.ok((await approve(browser, asGrace)).searchParams.has('code'))
  })

  it('asks for account selection, or for a new sign-in if the provider has no account selection', async () => {
    const consent = await openConsent(browser, client.authorizationUrl())
    assert.deepEqual(promptsOf(await browser.press(consent, NOT_YOU)), ['select_account', 'login'])
  })

  it('signs the old user out: neither the old page nor a new request works for them', async () => {
    const consent = await openConsent(browser, client.authorizationUrl())
    await browser.press(consent, NOT_YOU)
    assert.ok(isAtIdentityProvider(await browser.press(consent, 'Continue')))
    assert.ok(isAtIdentityProvider(await browser.open(client.authorizationUrl())))
  })

  it('is refused from a page of another site and without the form token', async () => {
    const consent = await openConsent(browser, client.authorizationUrl())
    const fields = { decision: 'another_account', csrf_token: 'x' }
    assert.equal((await browser.submit(consent.url, fields)).status, 403)
    assert.equal((await browser.submit(consent.url, fields, 'https://evil.example')).status, 403)
    assert.ok((await approve(browser, consent)).searchParams.has('code'))
  })

  it('is offered if Quilt has no account for the sign-in, which is then forgotten', async () => {
    const consent = await openConsent(browser, client.authorizationUrl())
    connect.organisation.deactivated.add(ADA.quilt.name)
    const refused = await browser.press(consent, 'Continue')
    assert.equal(refused.status, 403)
    assert.ok(isAtIdentityProvider(await browser.open(client.authorizationUrl())), 'asked anew elsewhere')
    const choice = await browser.open(linkOf(refused))
    assert.equal(promptsOf(choice)[0], 'select_account')
    const asGrace = await signIn(browser, choice, GRACE)
    assert.ok((await approve(browser, asGrace)).searchParams.has('code'))
  })

  it('is offered on the code page, and drops a code that was pasted', async () => {
    connect.redeploy(CODE_AFTER_SIGN_IN)
    const codePage = await openConsent(browser, client.authorizationUrl())
    const consent = await paste(browser, codePage, await quiltCodeOf(connect))
    assert.ok(consent.text.includes('Authorize Application'))
    const asGrace = await signIn(browser, await browser.press(consent, NOT_YOU), GRACE)
    assert.ok(asGrace.text.includes('One-time code from Quilt') && asGrace.text.includes(GRACE.email))
    const asAda = await signIn(browser, await browser.press(asGrace, BUTTON), ADA)
    assert.ok(asAda.text.includes('One-time code from Quilt'), 'the code from before is forgotten')
  })

  it('asks for another code if the code is the sign-in', async () => {
    connect.redeploy(CODE_ALONE)
    const codePage = await browser.open(client.authorizationUrl())
    const consent = await paste(browser, codePage, await quiltCodeOf(connect))
    const again = await browser.press(consent, NOT_YOU)
    assert.equal(again.url, consent.url)
    const asGrace = await paste(browser, again, await quiltCodeOf(connect, GRACE))
    assert.ok(asGrace.text.includes(GRACE.email))
  })

  it('is offered on the page of connected applications', async () => {
    const at = await openApps(connect)
    const choice = await at.browser.press(at.page, BUTTON)
    assert.equal(promptsOf(choice)[0], 'select_account')
    const asGrace = await signIn(at.browser, choice, GRACE)
    assert.equal(new URL(asGrace.url).pathname, APPS)
    assert.ok(asGrace.text.includes(GRACE.email))
  })

  it('that is cancelled at the identity provider leads to a page that says so, with a way back', async () => {
    const at = await openApps(connect)
    const choice = await at.browser.press(at.page, BUTTON)
    const cancelled = await at.browser.press(choice, 'Cancel')
    assert.equal(cancelled.status, 403)
    assert.match(cancelled.text, /You cancelled the sign-in/)
    assert.match(cancelled.text, new RegExp(`<a href="${APPS}">Try again</a>`))
    assert.ok(isAtIdentityProvider(await at.browser.open(connect.origin + APPS)), 'not signed in')
  })

  it('is offered on the sign-out page', async () => {
    const at = await openApps(connect)
    const signOut = await at.browser.open(connect.origin + SIGN_OUT)
    const [, form = ''] = signOut.text.split('</form>')
    const [, csrf_token = ''] = /name="csrf_token" value="([^"]*)"/.exec(form) ?? []
    const fields = { csrf_token, another_account: 'another_account' }
    const choice = await at.browser.submit(connect.origin + APPS, fields)
    assert.ok(isAtIdentityProvider(choice), choice.text)
  })
})
