import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { browser } from '../../journeys/support/browser.ts'
import { beforeAll } from '../../support/before-all.ts'
import { listenOnFreePort } from '../../support/free-port.ts'
import { startConnect } from '../support/connect.ts'
import { ScriptedIdentityProvider } from '../support/scripted-identity-provider.ts'

describe('Chromium', function () {
  this.timeout(60_000)
  const provider = new ScriptedIdentityProvider()
  let form = ''

  const connect = beforeAll(() =>
    startConnect({ identityProvider: (issuer, uri) => provider.listener(issuer, uri) }),
  )
  const elsewhere = beforeAll(() =>
    listenOnFreePort((_request, response) => {
      response.setHeader('content-type', 'text/html').end(form)
    }),
  )

  it('signs in with a form that a provider of another site sends: the POST has no cookie, the GET after it has', async () => {
    provider.answersByForm = true
    const client = await connect.client()
    const context = await (await browser()).newContext()
    const posted: (string | undefined)[] = []
    const page = await context.newPage()
    page.on('request', (request) => {
      if (request.method() !== 'POST') return
      void request.allHeaders().then(({ cookie }) => posted.push(cookie))
    })
    await page.goto(client.authorizationUrl())
    form = (await page.content()).replace('</form>', '<button>Continue</button></form>')
    // Ports make no other site, names do.
    await page.goto(elsewhere.origin.replace('localhost', '127.0.0.1'))
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Authorize Application' }).waitFor()
    assert.ok((await page.content()).includes(ADA.email))
    assert.deepEqual(posted, [undefined])
    await context.close()
  })
})
