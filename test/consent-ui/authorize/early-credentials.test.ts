import assert from 'node:assert/strict'
import type { Service } from '../../../core/services/service.ts'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { createPlatformMcp } from '../../../deploy/demo/platform-mcp/server.ts'
import { SILENT, start } from '../../deploy/demo/support/start.ts'
import { beforeAll } from '../../support/before-all.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { PLATFORM } from '../../support/services.ts'
import { tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { read } from '../support/pasted-code.ts'
import { approve, openConsent, signIn } from '../support/person.ts'
import { ScriptedIdentityProvider } from '../support/scripted-identity-provider.ts'
import { ScriptedRegistry } from '../support/scripted-registry.ts'
import { sessionOf } from '../consent/support.ts'

const EXCHANGE = '/api/token-exchange'
const MAX_EXCHANGES = 5

describe('A Quilt credential that is exchanged for the consent page', () => {
  let browser: HttpBrowser
  const services: Service[] = [{ ...PLATFORM }]
  const connect = beforeAll(() => startConnect({ services }))
  const client = beforeAll(() => connect.client())

  before(async () => {
    const registryUrl = new URL(connect.organisation.registry.origin)
    const mcp = await start(() => createPlatformMcp({ registryUrl, log: SILENT }))
    services[0] = { ...PLATFORM, upstream: { ...PLATFORM.upstream, url: new URL('/mcp', mcp.origin) } }
  })

  beforeEach(() => {
    connect.organisation.registryProxy.forget()
    connect.redeploy()
    browser = connect.browser()
  })

  const exchanges = (): number => connect.organisation.registryProxy.timesAsked(EXCHANGE)
  const hasRole = (page: Page): boolean => read(page).includes('with the role')

  async function consentPage(): Promise<Page> {
    return await openConsent(browser, client.authorizationUrl())
  }

  it('shows role and tools, and becomes that of the session', async () => {
    const page = await consentPage()
    const words = `You are signed in as ${ADA.email}, with the role ${ADA.quilt.role}. Not you?`
    assert.ok(read(page).includes(words), read(page))
    assert.match(page.text, /<code><bdi>package_browse<\/bdi><\/code>\s*<span><bdi>[A-Z]/)
    const callback = await approve(browser, page)
    const tokens = tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
    await client.revoke(tokens.refresh_token)
    const { registryProxy } = connect.organisation
    await registryProxy.loggedOut(registryProxy.shownAt('/graphql')[0] ?? '')
    assert.equal(exchanges(), 1)
  })

  it('does not keep the page waiting, is exchanged once for two tabs, and is shown after a reload', async () => {
    const { registryProxy } = connect.organisation
    registryProxy.hold(EXCHANGE)
    const startedAt = performance.now()
    const { url, ...page } = await consentPage()
    assert.ok(!hasRole({ url, ...page }))
    await browser.open(url)
    assert.ok(performance.now() - startedAt < 6000, 'two pages at 1.5 seconds each')
    registryProxy.answerHeld(EXCHANGE)
    await connect.inBackground.settled()
    assert.ok(hasRole(await browser.open(url)))
    assert.equal(exchanges(), 1)
  })

  it('is exchanged a few times for one sign-in, however many pages another site opens; approvals still work', async () => {
    let page = await consentPage()
    assert.ok(hasRole(page))
    for (let opened = 1; opened <= MAX_EXCHANGES; opened += 1) {
      page = await browser.open(client.authorizationUrl())
    }
    assert.equal(exchanges(), MAX_EXCHANGES)
    assert.ok(!hasRole(page))
    assert.ok((await approve(browser, page)).searchParams.has('code'))
    assert.equal(exchanges(), MAX_EXCHANGES + 1)
  })

  it('is logged out, and not used, for another person at the same page', async () => {
    const page = await consentPage()
    const adas = connect.organisation.registryProxy.lastCredential
    const asGrace = await signIn(browser, await browser.press(page, 'Not you?'), GRACE)
    assert.ok(read(asGrace).includes(GRACE.quilt.role), read(asGrace))
    const callback = await approve(browser, asGrace)
    const tokens = tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
    assert.equal((await sessionOf(connect, tokens)).person.name, GRACE.quilt.name)
    await connect.organisation.registryProxy.loggedOut(adas)
  })
})

describe('A Quilt credential of another user than the one who signed in', () => {
  const provider = new ScriptedIdentityProvider()
  const registry = new ScriptedRegistry()
  const connect = beforeAll(() =>
    startConnect({
      identityProvider: (issuer, uri) => provider.listener(issuer, uri),
      registry: registry.listener,
    }),
  )
  const role = { data: { me: { role: { name: 'SecretRole' } } } }

  beforeEach(() => {
    registry.odd = { '/graphql': { status: 200, body: JSON.stringify(role) } }
  })

  async function consentPage(): Promise<Page> {
    return await connect.browser().open((await connect.client()).authorizationUrl())
  }

  it('shows nothing of them: another e-mail address, or an address that belonged to another subject', async () => {
    const other = { status: 200, body: '{"current_user":"eve","email":"eve@example.com"}' }
    registry.odd = { ...registry.odd, '/api/me': other }
    assert.ok(!(await consentPage()).text.includes('SecretRole'))
    registry.odd = { '/graphql': registry.odd['/graphql'] ?? other }
    const browser = connect.browser()
    const page = await browser.open((await connect.client()).authorizationUrl())
    assert.ok(page.text.includes('SecretRole'))
    await approve(browser, page)
    provider.claims = { sub: 'another-subject' }
    assert.ok(!(await consentPage()).text.includes('SecretRole'))
  })
})
