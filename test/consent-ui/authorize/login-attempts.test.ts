import assert from 'node:assert/strict'
import { HttpBrowser } from '../../support/http-browser.ts'
import { startConnect } from '../support/connect.ts'
import { keysAddedBy } from '../support/store.ts'
import { openConsent, signIn } from '../support/person.ts'

const RELOADS = 30

describe('Login attempts of one authorization request', () => {
  it('are limited: reloading its page does not fill Redis', async () => {
    const connect = await startConnect()
    const client = await connect.client()
    const browser = new HttpBrowser([connect.origin])
    const { visited } = await browser.open(client.authorizationUrl())
    const page = visited[1] ?? ''
    const added = await keysAddedBy(connect.redis, async () => {
      for (let time = 0; time < RELOADS; time += 1) await browser.open(page)
    })
    assert.ok(added.length < RELOADS, `${added.length} keys`)
    const refused = await browser.open(page)
    assert.equal(refused.status, 429)
    assert.match(refused.text, /Go back to the application/)
    assert.equal((await openConsent(connect.browser(), client.authorizationUrl())).status, 200)
  })

  it('may be several if its page is open in several tabs', async () => {
    const connect = await startConnect()
    const client = await connect.client()
    const browser = connect.browser()
    const first = await browser.open(client.authorizationUrl())
    const second = await browser.open(first.visited[1] ?? '')
    for (const tab of [first, second]) assert.equal((await signIn(browser, tab)).status, 200)
  })
})
