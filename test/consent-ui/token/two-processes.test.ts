import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { HttpBrowser } from '../../support/http-browser.ts'
import { json, post, type Answer } from '../support/answer.ts'
import { assertRefused, TestClient, tokensOf } from '../support/client.ts'
import { consentUiReady, launchConsentUi } from '../support/consent-ui-process.ts'
import { settingsOf, startOrganisation, type Organisation } from '../support/organisation.ts'
import { approve, openConsent } from '../support/person.ts'
import { settingsFor } from '../support/settings.ts'
import { sharedValkey } from '../support/store.ts'

const REDIRECT_URI = 'http://localhost:33418/callback'
const TIMES = 100

/** Two processes with one Redis, as behind a load balancer. */
describe('Two consent-ui processes', () => {
  let origins: string[]
  let organisation: Organisation
  let clients: TestClient[]

  before(async () => {
    const ports = await freePorts(2)
    origins = ports.map((port) => `http://localhost:${port}`)
    const [origin = ''] = origins
    organisation = await startOrganisation(`${origin}/connect/callback`, {})
    const settings = {
      ...settingsFor(origin, (await sharedValkey()).url),
      ...settingsOf(organisation),
    }
    // The second process has another port and the same origin.
    const started = ports.map((port) =>
      launchConsentUi({ ...settings, CONSENT_UI_LISTEN: `127.0.0.1:${port}` }),
    )
    await Promise.all(started.map(consentUiReady))
    const metadata = JSON.stringify({ client_name: 'Claude Code', redirect_uris: [REDIRECT_URI] })
    const registered = await post(`${origin}/auth/register`, metadata, { 'content-type': 'application/json' })
    const client = { id: String(json(registered).client_id), redirectUri: REDIRECT_URI }
    clients = origins.map((each) => new TestClient(each, client))
  })

  async function code(): Promise<string> {
    const browser = new HttpBrowser([origins[0] ?? '', organisation.identityProvider.origin])
    const callback = await approve(browser, await openConsent(browser, one().authorizationUrl()))
    return callback.searchParams.get('code') ?? ''
  }

  function one(): TestClient {
    const [client] = clients
    assert.ok(client !== undefined)
    return client
  }

  /** A hundred requests at once, alternating between both processes. */
  async function fromAll(request: (client: TestClient) => Promise<Answer>): Promise<Answer[]> {
    const requests = Array.from({ length: TIMES }, async (_, index) => {
      const client = clients[index % clients.length]
      assert.ok(client !== undefined)
      return await request(client)
    })
    return await Promise.all(requests)
  }

  it('redeem a code once for a hundred parallel requests', async () => {
    const shown = await code()
    const answers = await fromAll((client) => client.redeem(shown))
    const winners = answers.filter(({ status }) => status === 200)
    assert.equal(winners.length, 1)
    for (const answer of answers) if (answer.status !== 200) assertRefused(answer, 'invalid_grant')
    for (const answer of winners) tokensOf(await one().refresh(tokensOf(answer).refresh_token))
  })

  it('T06: exchange a refresh token once, and return the same successor to a hundred parallel requests', async () => {
    const first = tokensOf(await one().redeem(await code()))
    const all = (await fromAll((client) => client.refresh(first.refresh_token))).map(tokensOf)
    const successors = new Set(all.map((tokens) => tokens.refresh_token))
    assert.equal(successors.size, 1)
    assert.equal(new Set(all.map((tokens) => decodeJwt(tokens.access_token).jti)).size, TIMES)
    assert.equal(new Set(all.map((tokens) => decodeJwt(tokens.access_token).sid)).size, 1)
    const [successor = ''] = successors
    const next = (await fromAll((client) => client.refresh(successor))).map(tokensOf)
    assert.equal(new Set(next.map((tokens) => tokens.refresh_token)).size, 1)
  })

  it("revoke each other's sessions", async () => {
    const [here, there] = clients
    assert.ok(here !== undefined && there !== undefined)
    const first = tokensOf(await here.redeem(await code()))
    const next = tokensOf(await there.refresh(first.refresh_token))
    assert.equal((await here.revoke(next.access_token)).status, 200)
    for (const client of clients) assertRefused(await client.refresh(next.refresh_token), 'invalid_grant')
  })
})
