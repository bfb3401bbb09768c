import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import type { HttpBrowser } from '../../support/http-browser.ts'
import { startConnect } from '../support/connect.ts'
import { read } from '../support/pasted-code.ts'
import { openConsent, tokensFor } from '../support/person.ts'
import { APPS, openApps, refreshed, SIGN_OUT } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('Signing out', () => {
  const connect = beforeAll(() => startConnect())

  const url = (): string => connect.origin + SIGN_OUT
  const isAsked = (page: { readonly url: string }): boolean =>
    page.url.startsWith(connect.organisation.identityProvider.origin)

  function cookiesOf(browser: HttpBrowser): string[] {
    const ours = browser.cookies.all('localhost').filter(({ name }) => name.startsWith('quilt-connect-'))
    return ours.map(({ name, value }) => `${name}=${value}`)
  }

  it('asks first, so that following a link does not sign out', async () => {
    const { browser } = await openApps(connect)
    const page = await browser.open(url())
    assert.ok(read(page).includes(`You are signed in as ${ADA.email}.`))
    assert.equal((await browser.open(connect.origin + APPS)).url, connect.origin + APPS)
  })

  it('deletes the cookie and its record, so that a copied cookie opens nothing', async () => {
    const { browser } = await openApps(connect)
    const [before = ''] = cookiesOf(browser)
    const page = await browser.press(await browser.open(url()), 'Sign out')
    assert.ok(read(page).includes('You are signed out.'))
    assert.deepEqual(cookiesOf(browser), [])
    const copy = await connect.get(APPS, { cookie: before })
    assert.equal(copy.status, 303)
    assert.ok(isAsked({ url: copy.headers.get('location') ?? '' }))
    assert.ok(!(await connect.get(SIGN_OUT, { cookie: before })).text.includes(ADA.email))
    assert.ok(isAsked(await browser.open(connect.origin + APPS)))
  })

  it('keeps every application connected', async () => {
    const client = await connect.client()
    const tokens = await tokensFor(connect, client)
    const { browser } = await openApps(connect)
    await browser.press(await browser.open(url()), 'Sign out')
    assert.equal(await refreshed(client, tokens.refresh_token), 'refreshed')
  })

  it('ends open transactions of the browser, which can start again', async () => {
    const client = await connect.client()
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    await browser.press(await browser.open(url()), 'Sign out')
    assert.equal((await browser.press(consent, 'Continue')).status, 400)
    assert.ok(isAsked(await browser.open(client.authorizationUrl())))
  })

  it('is refused from another site', async () => {
    const { browser } = await openApps(connect)
    const page = await browser.open(url())
    const [, csrf_token = ''] = /name="csrf_token" value="([^"]*)"/.exec(page.text) ?? []
    for (const [fields, origin] of [
      [{ csrf_token }, 'https://evil.example'],
      [{ csrf_token }, 'null'],
      [{ csrf_token: 'x' }, connect.origin],
      [{}, connect.origin],
    ] as const) {
      assert.equal((await browser.submit(url(), fields, origin)).status, 403)
    }
    assert.equal((await browser.open(connect.origin + APPS)).url, connect.origin + APPS)
  })

  it('tells a user who is not signed in, also twice', async () => {
    const browser = connect.browser()
    assert.ok(read(await browser.open(url())).includes('You are signed out.'))
    assert.equal((await browser.submit(url(), {})).status, 200)
  })
})
