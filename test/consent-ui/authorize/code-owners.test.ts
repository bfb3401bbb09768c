import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { startConnect } from '../support/connect.ts'
import {
  CODE_AFTER_SIGN_IN,
  CODE_ALONE,
  paste,
  quiltCodeOf,
  read,
  tokensByCode,
} from '../support/pasted-code.ts'
import { approve, signIn } from '../support/person.ts'

describe('A one-time code of another user', () => {
  it('is refused after a sign-in: the page names its user, and its credential is logged out', async () => {
    const connect = await startConnect({ settings: CODE_AFTER_SIGN_IN })
    const client = await connect.client()
    const browser = connect.browser()
    const page = await signIn(browser, await browser.open(client.authorizationUrl()), ADA)
    const shown = await paste(browser, page, await quiltCodeOf(connect, GRACE))
    assert.equal(shown.status, 403)
    const text = read(shown)
    assert.ok(
      text.includes(`This code belongs to ${GRACE.email}, and you are signed in as ${ADA.email}.`),
      text,
    )
    assert.ok(text.includes(`Sign in to Quilt as ${ADA.email} and get a code there; or cancel`), text)
    const door = connect.organisation.registryProxy
    await door.loggedOut(door.lastCredential)
    const consent = await paste(browser, shown, await quiltCodeOf(connect, ADA))
    assert.ok(read(consent).includes(`You are signed in as ${ADA.email}`))
  })

  it('leaves no trace after the right code is pasted', async () => {
    const connect = await startConnect({ settings: CODE_ALONE })
    const client = await connect.client()
    const browser = connect.browser()
    const url = client.authorizationUrl()
    const first = await paste(browser, await browser.open(url), await quiltCodeOf(connect, ADA))
    const before = browser.cookies.header(connect.origin)
    const second = await paste(browser, await browser.open(url), await quiltCodeOf(connect, GRACE))
    assert.notEqual(browser.cookies.header(connect.origin), before)
    assert.ok(read(second).includes(GRACE.email) && !read(second).includes(ADA.email))
    assert.ok(!(await browser.open(first.url)).text.includes(ADA.email))
  })
})

describe('Connect without an identity provider', () => {
  it('has no callback endpoint', async () => {
    const connect = await startConnect({ settings: CODE_ALONE })
    assert.equal((await connect.get('/connect/callback?state=x&code=y')).status, 404)
  })

  it('ignores a sign-in from when an identity provider was configured', async () => {
    const connect = await startConnect({ settings: CODE_AFTER_SIGN_IN })
    const client = await connect.client()
    const browser = connect.browser()
    const page = await signIn(browser, await browser.open(client.authorizationUrl()), ADA)
    connect.redeploy(CODE_ALONE)
    const again = await browser.open(page.url)
    assert.ok(!read(again).includes(ADA.email))
    const consent = await paste(browser, again, await quiltCodeOf(connect, GRACE))
    assert.ok(read(consent).includes(`You are signed in as ${GRACE.email}`))
    assert.ok((await approve(browser, consent)).searchParams.has('code'))
  })

  it('issues tokens that can be refreshed', async () => {
    const connect = await startConnect({ settings: CODE_ALONE })
    const client = await connect.client()
    const tokens = await tokensByCode(connect, client, GRACE)
    assert.equal(decodeJwt(tokens.access_token).sub, GRACE.quilt.name)
    assert.equal((await client.refresh(tokens.refresh_token)).status, 200)
  })
})
