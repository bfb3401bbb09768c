import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../../deploy/demo/people.ts'
import { CollectedAudit } from '../../../core/audit/support/audit.ts'
import { beforeAll } from '../../../support/before-all.ts'
import { paste, quiltCodeOf } from '../../support/pasted-code.ts'
import { callbackOf } from '../../support/person.ts'
import { CATALOG, catalogPage, startWithCatalog } from './support.ts'

describe('A hand-off from the catalog', () => {
  const audit = new CollectedAudit()
  const connect = beforeAll(() => startWithCatalog(audit))
  const client = beforeAll(() => connect.client())
  const { catalogToken, handOver, openFromCatalog } = catalogPage(connect, client)

  const elsewhere: Record<string, Readonly<Record<string, string>>> = {
    'from a page of another site': { referer: 'https://chat.example/' },
    'from a page whose name begins like the catalog’s': { referer: `${CATALOG}.evil.example/` },
    'from a mail or by hand': { 'sec-fetch-site': 'none' },
  }
  for (const [what, headers] of Object.entries(elsewhere)) {
    it(`H05: is refused ${what}, and its token is logged out`, async () => {
      const handle = await handOver(await catalogToken(GRACE))
      const { registryProxy } = connect.organisation
      const own = registryProxy.lastCredential
      const page = await connect.browser(headers).open(handle)
      assert.equal(page.status, 403)
      assert.ok(!page.text.includes(GRACE.email))
      await registryProxy.loggedOut(own)
      assert.equal(audit.names().at(-1), 'SignIn not_from_catalog')
      assert.equal((await openFromCatalog(connect.browser(), handle)).status, 400)
    })
  }

  it('H05: asks whose account it is where the browser does not say from where it came', async () => {
    const browser = connect.browser({ 'sec-fetch-site': 'cross-site' })
    const page = await browser.open(await handOver(await catalogToken(GRACE)))
    assert.ok(page.text.includes('own_account') && page.text.includes(GRACE.email))
    const unanswered = await browser.press(page, 'Continue', { access: 'full' })
    assert.equal(unanswered.status, 400)
    assert.ok(unanswered.text.includes('Is this your account?'))
    const confirmed = await browser.press(page, 'Continue', { access: 'full', own_account: 'yes' })
    assert.ok(callbackOf(confirmed).searchParams.has('code'))
  })

  it('H05: asks whose account it is where another user was signed in, and no longer after “Not you?”', async () => {
    const browser = connect.browser()
    const apps = await browser.open(`${connect.origin}/connect/apps`)
    await paste(browser, apps, await quiltCodeOf(connect))
    const page = await openFromCatalog(browser, await handOver(await catalogToken(GRACE)))
    assert.ok(page.text.includes('own_account'))
    const code = await browser.press(page, 'Not you?')
    const asAda = await paste(browser, code, await quiltCodeOf(connect))
    assert.ok(asAda.text.includes(ADA.email) && !asAda.text.includes('own_account'), asAda.text)
  })
})
