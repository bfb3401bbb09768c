import assert from 'node:assert/strict'
import { ADA } from '../../deploy/demo/people.ts'
import type { TestClient } from '../consent-ui/support/client.ts'
import { startCallbackServer } from '../journeys/support/callback-server.ts'
import { BROWSERS } from './support/browsers.ts'
import { DESTINATIONS, newLoopback, type Destination } from './support/destinations.ts'
import { PersonAtBrowser } from './support/person-at-browser.ts'
import type { StartBrowser } from './support/real-browser.ts'
import { redeemed, startWorld, type World } from './support/world.ts'

for (const [name, start] of BROWSERS) {
  describe(`Consent in ${name}`, () => returnsFromConsent(start, { runsScripts: true }))
  describe(`Consent without script in ${name}`, () => returnsFromConsent(start, { runsScripts: false }))
}

function returnsFromConsent(start: StartBrowser, { runsScripts }: { readonly runsScripts: boolean }): void {
  let world: World
  let person: PersonAtBrowser
  let tab: string

  before(async () => {
    world = await startWorld()
    person = new PersonAtBrowser(await start({ ...world.options, runsScripts }), ADA)
  })

  beforeEach(async () => {
    tab = await person.newTab()
  })

  afterEach(() => person.closeTabs())

  after(() => person.browser.close())

  async function openConsent({ redirectUri }: Pick<Destination, 'redirectUri'>): Promise<TestClient> {
    const client = await world.client(redirectUri)
    await person.openConsent(client.authorizationUrl())
    return client
  }

  for (const [where, begin] of DESTINATIONS) {
    it(`approved, returns with a code to ${where}`, async () => {
      const destination = await begin(world)
      const client = await openConsent(destination)
      await person.press('Continue')
      await redeemed(client, await destination.next(person))
    })

    it(`cancelled, returns with access_denied to ${where}`, async () => {
      const destination = await begin(world)
      await openConsent(destination)
      await person.press('Cancel')
      const answer = await destination.next(person)
      assert.deepEqual([answer.get('error'), answer.get('code')], ['access_denied', null])
    })
  }

  it('gives one code, however often the user goes back and continues, and says so once it is redeemed', async () => {
    const loopback = await startCallbackServer()
    const client = await openConsent(loopback)
    for (let round = 1; round <= 2; round += 1) {
      await person.press('Continue')
      await person.sees('You can close this window.')
      await person.back()
    }
    const [first, second] = loopback.visits.map((visit) => visit.get('code'))
    assert.equal(first, second)
    await redeemed(client, await loopback.next())
    await person.answerIfAsked()
    await person.sees('You have already answered')
    await person.follow('Your connected applications')
    await person.sees('Claude Code')
    assert.equal(loopback.visits.length, 2)
  })

  it('does not approve what was cancelled, when the user goes back and continues', async () => {
    const loopback = await startCallbackServer()
    await openConsent(loopback)
    await person.press('Cancel')
    await person.sees('You can close this window.')
    await person.back()
    await person.answerIfAsked()
    await person.sees('You have already answered')
    assert.equal(loopback.visits.length, 1)
  })

  it('goes on after the page was reloaded, or left by back and forward', async () => {
    const loopback = await newLoopback()
    await person.open(new URL('/', loopback.redirectUri).href)
    const client = await openConsent(loopback)
    await person.reload()
    await person.back()
    await person.forward()
    await person.press('Continue')
    await redeemed(client, await loopback.next(person))
  })

  it('goes on in the restored tab of a browser that was closed, and once redeemed says so', async () => {
    const loopback = await newLoopback()
    const client = await openConsent(loopback)
    const address = await person.address()
    await person.restartBrowser()
    await person.press('Continue')
    await redeemed(client, await loopback.next(person))
    await person.newTab()
    await person.open(address)
    await person.sees('You have already answered')
  })

  it('returns with one code after a double click', async () => {
    const loopback = await startCallbackServer()
    const client = await openConsent(loopback)
    await person.doubleClick('Continue')
    // The second click asks for the code again, which only works until it is redeemed.
    await person.sees('You can close this window.')
    await redeemed(client, await loopback.next())
    assert.equal(new Set(loopback.visits.map((visit) => visit.get('code'))).size, 1)
  })

  it('returns to each application from its own of two tabs', async () => {
    const [one, other] = [await newLoopback(), await newLoopback()]
    const client = await openConsent(one)
    await person.newTab()
    const otherClient = await openConsent(other)
    await person.press('Continue')
    await redeemed(otherClient, await other.next(person))
    await person.switchTo(tab)
    await person.press('Continue')
    await redeemed(client, await one.next(person))
  })

  for (const button of ['Continue', 'Cancel']) {
    it(`says that the page has expired when ${button} comes too late`, async () => {
      await openConsent(await newLoopback())
      await world.expireRequests()
      await person.press(button)
      await person.sees('This page has expired')
      await person.sees('Otherwise go back to the application and connect again.')
    })
  }
}
