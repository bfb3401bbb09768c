import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { ADA } from '../../deploy/demo/people.ts'
import { violations } from '../consent-ui/pages/support/axe.ts'
import { beforeAll } from '../support/before-all.ts'
import { allow, openPage, signInAs } from './support/consent.ts'
import { mcpUser, type McpUser } from './support/mcp-user.ts'
import { screenshot } from './support/screenshot.ts'
import { recordedStack } from './support/recorded-stack.ts'

const OWN_ACCOUNT = 'This is my own account'
const ASKS = 'Claude Code wants to access your Quilt account.'

describe('A connection that begins at the catalog', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => recordedStack({ source: 'catalog' }))

  /** The client opens the browser; the user signs in at the catalog, whose page then asks. */
  async function atCatalog(user: McpUser): Promise<Page> {
    const page = await openPage((await user.begin()).href)
    assert.equal(new URL(page.url()).port, String(stack.context.ports.registry))
    await signInAs(page, ADA)
    await page.getByText(ASKS).waitFor()
    return page
  }

  it('has a page without accessibility faults', async () => {
    const page = await openPage((await (await mcpUser(stack.mcpUrl)).begin()).href)
    await page.getByLabel('E-mail').waitFor()
    await screenshot(page, 'catalog-sign-in')
    assert.deepEqual(await violations(page), [])
    await signInAs(page, ADA)
    await page.getByText(ASKS).waitFor()
    await page.emulateMedia({ colorScheme: 'dark' })
    await screenshot(page, 'catalog-ask')
    assert.deepEqual(await violations(page), [])
    await page.context().close()
  })

  it('goes from the catalog’s page to our consent page and back to the client', async () => {
    const user = await mcpUser(stack.mcpUrl)
    const page = await atCatalog(user)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL((url) => url.origin === stack.origin)
    assert.ok((await page.locator('body').innerText()).includes(ADA.email))
    assert.equal(await page.getByLabel(OWN_ACCOUNT).count(), 0)
    await allow(page)
    const client = await user.finish(await user.callback.next())
    const tools = (await client.listTools()).tools.map(({ name }) => name)
    assert.ok(tools.includes('package_create'))
    await page.context().close()
  })

  it('needs no second sign-in for the next client of the same browser', async () => {
    const first = await mcpUser(stack.mcpUrl)
    const page = await atCatalog(first)
    const second = await mcpUser(stack.mcpUrl)
    await page.goto((await second.begin()).href)
    await page.getByText(ASKS).waitFor()
    // A browser or proxy that hides from where its user came.
    await page.evaluate(
      `document.head.append(Object.assign(document.createElement('meta'), { name: 'referrer', content: 'no-referrer' }))`,
    )
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL((url) => url.origin === stack.origin)
    await screenshot(page, 'catalog-whose-account')
    assert.deepEqual(await violations(page), [])
    await page.getByLabel(OWN_ACCOUNT).check()
    await allow(page, 'Read only')
    await second.finish(await second.callback.next())
    await page.context().close()
  })

  it('ends at the client when the user cancels at the catalog', async () => {
    const user = await mcpUser(stack.mcpUrl)
    const page = await atCatalog(user)
    await page.getByRole('button', { name: 'Cancel' }).click()
    assert.equal((await user.callback.next()).get('error'), 'access_denied')
    await page.context().close()
  })

  it('H01: lets pages of the catalog read answers, and no other page', async () => {
    const catalog = `http://localhost:${stack.context.ports.registry}`
    const allowed = async (origin: string) => {
      const answer = await fetch(`${stack.origin}/api/connect/validate`, {
        method: 'POST',
        headers: { origin },
      })
      return answer.headers.get('access-control-allow-origin')
    }
    assert.deepEqual([await allowed(catalog), await allowed('https://evil.example')], [catalog, null])
  })

  it('leaves no catalog token and no handle in a log', () => {
    const lines = stack.lines.join('\n')
    assert.match(lines, /\/api\/connect\/authorize/)
    assert.doesNotMatch(lines, /eyJ[\w-]+\.eyJ/)
    assert.doesNotMatch(lines, /\/connect\/authorize\/[\w-]{43}/)
  })
})
