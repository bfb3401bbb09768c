import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { HttpBrowser, type Page } from '../../support/http-browser.ts'
import { until } from '../../support/until.ts'
import { json, post } from '../support/answer.ts'
import { TestClient, tokensOf } from '../support/client.ts'
import { WebhookReceiver } from '../notices/support.ts'
import { consentUiReady, launchConsentUi } from '../support/consent-ui-process.ts'
import { settingsOf, startOrganisation, type Organisation } from '../support/organisation.ts'
import { CODE_ALONE, paste, quiltCodeOf } from '../support/pasted-code.ts'
import { approve } from '../support/person.ts'
import { settingsFor } from '../support/settings.ts'
import { sharedValkey } from '../support/store.ts'

const REDIRECT_URI = 'http://localhost/cb'
const CONNECTIONS = 16
/** Enough to use every connection. */
const REQUESTS_BEFORE = 10 * CONNECTIONS
/** A regression waited 5 s for connections in use. */
const MAX_STOP_MS = 4000

describe('consent-ui on SIGTERM', function () {
  let origin: string
  let organisation: Organisation
  let child: ChildProcess
  let client: TestClient
  const webhook = new WebhookReceiver()

  before(async () => {
    const [port = 0] = await freePorts(1)
    origin = `http://localhost:${port}`
    organisation = await startOrganisation(`${origin}/connect/callback`, {})
    child = launchConsentUi({
      ...settingsFor(origin, (await sharedValkey()).url),
      ...settingsOf(organisation),
      ...CODE_ALONE,
      CONSENT_UI_LISTEN: `127.0.0.1:${port}`,
      NOTICE_WEBHOOK_URL: await webhook.start(),
    })
    await consentUiReady(child)
    const body = JSON.stringify({ redirect_uris: [REDIRECT_URI] })
    const registration = await post(`${origin}/auth/register`, body, { 'content-type': 'application/json' })
    const id = String(json(registration).client_id)
    client = new TestClient(origin, { id, redirectUri: REDIRECT_URI })
  })

  async function aboutToPaste(): Promise<{ pasteCode: () => Promise<Page>; browser: HttpBrowser }> {
    const browser = new HttpBrowser([origin])
    const page = await browser.open(client.authorizationUrl())
    const code = await quiltCodeOf({ organisation })
    return { browser, pasteCode: () => paste(browser, page, code) }
  }

  it('answers every token request that has reached it and a user who waits for the Registry, and sends its notices', async () => {
    webhook.status = 500
    const first = await aboutToPaste()
    const callback = await approve(first.browser, await first.pasteCode())
    const tokens = tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
    // A refresh repeated within two minutes gets the same tokens.
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: client.id }
    const body = new URLSearchParams(form).toString()

    const second = await aboutToPaste()
    organisation.registryProxy.hold('/api/token')
    const consent = second.pasteCode()
    await organisation.registryProxy.asks('/api/token')

    const statuses: number[] = []
    const load = Promise.all(
      Array.from({ length: CONNECTIONS }, () => askUntilClosed(`${origin}/auth/token`, body, statuses)),
    )
    await until(() => statuses.length > REQUESTS_BEFORE, 'a load on every connection')
    await until(() => webhook.paths.length === 1, 'a notice that is refused')
    webhook.status = 200
    const exited = once(child, 'exit')
    const askedAt = performance.now()
    child.kill('SIGTERM')
    await load
    organisation.registryProxy.answerHeld('/api/token')
    assert.match((await consent).text, /Authorize Application/)
    assert.deepEqual(await exited, [0, null])
    assert.ok(performance.now() - askedAt < MAX_STOP_MS)
    assert.deepEqual(new Set(statuses), new Set([200]))
    assert.equal(webhook.texts.length, 1)
  })
})

/** Sends requests on one connection until a response closes it. */
async function askUntilClosed(url: string, body: string, statuses: number[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  for (;;) {
    const asked = request(url, { method: 'POST', agent, headers })
    asked.end(body)
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    await once(response.resume(), 'end')
    statuses.push(response.statusCode ?? 0)
    if (response.headers.connection === 'close') return
  }
}
