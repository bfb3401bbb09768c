import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import type { ProcessName } from '../../../deploy/local/processes/process-spec.ts'
import { HttpBrowser } from '../../support/http-browser.ts'
import { until } from '../../support/until.ts'
import { connectedUser } from '../support/connected-user.ts'
import { echoService } from '../support/services/echo-service.ts'
import { explained } from '../support/explained.ts'
import { mcpUser } from '../support/mcp-user.ts'
import { rawRequest } from '../support/raw-request.ts'
import { recordedStack } from '../support/recorded-stack.ts'
import { assertStatelessWorks, assertUnavailable, assertUnavailablePage } from './cells.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('When a part is down, and when it is back', function () {
  this.timeout(60_000)

  const stack = beforeAll(() =>
    recordedStack({ service: echoService, changeEnvoyConfig: withQuickHealthChecks, demoProcesses: true }),
  )
  const user = beforeAll(() => connectedUser(stack, ADA))

  /** Runs assertions while the process is down, then starts it again. */
  async function whileDown(name: ProcessName, holds: () => Promise<void>): Promise<void> {
    await stack.process(name).kill()
    try {
      await holds()
    } finally {
      await stack.process(name).start()
    }
  }

  it('identity provider down: the sign-in page says so and can be tried again, refresh and requests work', async () => {
    const client = await mcpUser(stack.mcpUrl)
    const url = (await client.begin()).href
    // A new process has not yet read the provider's discovery document.
    await stack.process('consent-ui').kill()
    const browser = new HttpBrowser()
    await whileDown('identity-provider', async () => {
      await stack.process('consent-ui').start()
      const page = await browser.open(url)
      assert.match(page.text, /identity provider does not answer/)
      assert.match(page.text, />\s*Try again\s*</)
      await assertStatelessWorks(stack)
      assert.equal((await user.refresh()).status, 200)
      assert.equal((await user.ask()).status, 200)
    })
    assert.match((await browser.open(url)).text, /E-mail/)
  })

  it('Registry down: an approval is 503 and can be sent again later, refresh and requests work', async () => {
    const client = await mcpUser(stack.mcpUrl)
    const browser = new HttpBrowser()
    const { email, password } = GRACE
    const signIn = await browser.open((await client.begin()).href)
    const consent = await browser.press(signIn, 'Sign in', { email, password })
    await whileDown('registry', async () => {
      const answered = await browser.press(consent, 'Continue')
      assert.equal(answered.status, 503)
      assert.match(answered.text, /Quilt Registry does not answer/)
      await assertStatelessWorks(stack)
      assert.equal((await user.refresh()).status, 200)
      assert.equal((await user.ask()).status, 200)
    })
    await browser.press(consent, 'Continue')
    assert.match((await client.callback.next()).get('code') ?? '', /./)
  })

  it('authz down: requests to services are 503, everything else works', async () => {
    await whileDown('authz', async () => {
      const answer = await user.ask()
      assertUnavailable(answer)
      const { verdict, reason, meaning } = await explained(stack, answer)
      assert.deepEqual([verdict, reason], ['unavailable', 'ext_authz_error'])
      assert.match(meaning, /authz did not answer/)
      assertUnavailable(await rawRequest(stack.mcpUrl))
      await assertStatelessWorks(stack)
      assert.equal((await rawRequest(await authorizationUrlWithoutChallenge())).status, 303)
      assert.equal((await user.refresh()).status, 200)
    })
    assert.equal((await user.ask()).status, 200)
  })

  it('authz hangs: Envoy answers 503, and the next request works once authz answers again', async () => {
    stack.process('authz').pause()
    try {
      const begun = performance.now()
      assertUnavailable(await user.ask())
      assert.ok(performance.now() - begun < 2000)
      await assertStatelessWorks(stack)
    } finally {
      stack.process('authz').resume()
    }
    await until(async () => (await user.ask()).status === 200, 'authz again')
  })

  it('Registry hangs: requests work, and a refresh works once its user status check is postponed', async () => {
    stack.process('registry').pause()
    try {
      assert.equal((await user.ask()).status, 200)
      assert.equal((await user.refresh()).status, 200)
      assert.equal((await user.ask()).status, 200)
    } finally {
      stack.process('registry').resume()
    }
    assert.equal((await user.ask()).status, 200)
  })

  it('consent-ui down: its own paths are 503, requests to services work', async () => {
    await whileDown('consent-ui', async () => {
      assertUnavailable(await rawRequest(`${stack.origin}/.well-known/oauth-authorization-server`))
      assertUnavailable(await rawRequest(`${stack.origin}/auth/.well-known/jwks.json`))
      assertUnavailable(await rawRequest(`${stack.origin}/auth/token`, { method: 'POST' }))
      const headers = ['accept', 'text/html,application/xhtml+xml']
      assertUnavailablePage(await rawRequest(`${stack.origin}/connect/authorize`, { headers }))
      assert.equal((await user.ask()).status, 200)
    })
    await until(async () => (await user.refresh()).status === 200, 'consent-ui again')
  })

  it('consent-ui hangs: /healthz is 503 until consent-ui answers again, requests to services work', async () => {
    const healthz = async (): Promise<number> => (await rawRequest(`${stack.origin}/healthz`)).status
    await until(async () => (await healthz()) === 200, 'a health check that passes')
    stack.process('consent-ui').pause()
    try {
      await until(async () => (await healthz()) === 503, 'a health check that fails')
      assert.equal((await user.ask()).status, 200)
    } finally {
      stack.process('consent-ui').resume()
    }
    await until(async () => (await healthz()) === 200, 'a health check that passes')
    await assertStatelessWorks(stack)
  })

  it('a service down: its requests are 503 as JSON with Retry-After, everything else works', async () => {
    await stack.service.stop()
    assertUnavailable(await user.ask())
    await assertStatelessWorks(stack)
    assert.equal((await user.refresh()).status, 200)
    await stack.service.start()
    await until(async () => (await user.ask()).status === 200, 'the service again')
  })

  /** The rendered YAML has them in seconds; a test cannot wait for that. */
  function withQuickHealthChecks(rendered: string): string {
    const quick = rendered
      .replace('timeout: 2s\n          interval: 5s', 'timeout: 0.5s\n          interval: 0.2s')
      .replace('no_traffic_interval: 5s', 'no_traffic_interval: 0.2s')
    assert.notEqual(quick, rendered)
    return quick
  }

  /** A client that knows the server already: it needs no challenge to begin. */
  async function authorizationUrlWithoutChallenge(): Promise<string> {
    const registered = await fetch(`${stack.origin}/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['http://localhost/callback'] }),
    })
    const { client_id } = (await registered.json()) as { client_id: string }
    const query = new URLSearchParams({
      response_type: 'code',
      client_id,
      redirect_uri: 'http://localhost/callback',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
    })
    return `${stack.origin}/connect/authorize?${query.toString()}`
  }
})
