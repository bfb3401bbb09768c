import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { ADA, GRACE, type DemoPerson } from '../../deploy/demo/people.ts'
import { freeStackPorts } from '../../deploy/local/context/ports.ts'
import { startStack, type Stack } from '../../deploy/local/stack.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { allow, openPage, signInAs } from './support/consent.ts'
import { mcpUser, type McpUser } from './support/mcp-user.ts'
import { getQuiltCode, pasteCode, setActive } from './support/quilt-code.ts'
import { recordedStack, sharedStack } from './support/recorded-stack.ts'
import { screenshot } from './support/screenshot.ts'

/** Goes on to the consent page, and from there to a client that is connected. */
async function consentAndConnect(user: McpUser, page: Page): Promise<string> {
  await page.getByRole('heading', { name: 'Authorize Application' }).waitFor()
  await allow(page)
  const client = await user.finish(await user.callback.next())
  return JSON.stringify(await client.callTool({ name: 'bucket_list', arguments: {} }))
}

describe('npm start -- --registry: the one-time code is the sign-in', function () {
  this.timeout(60_000)
  let registryUrl: string
  let stack: Stack

  before(async () => {
    const { context } = await sharedStack()
    registryUrl = `http://localhost:${context.ports.registry}`
    const ports = await freeStackPorts()
    stack = await startStack({ ports, registryUrl: new URL(registryUrl), write: () => undefined })
    closeAfterAll(() => stack.stop())
  })

  afterEach(() => setActive(registryUrl, ADA, true))

  async function begin(): Promise<{ user: McpUser; page: Page }> {
    const user = await mcpUser(stack.mcpUrl)
    return { user, page: await openPage((await user.begin()).href) }
  }

  for (const [person, seen, unseen] of [
    [ADA, /quilt-lab/, /no-such-bucket/],
    [GRACE, /quilt-open-data/, /quilt-lab/],
  ] as const) {
    it(`connects ${person.name}, who sees what their role may see`, async () => {
      const { user, page } = await begin()
      const text = await pasteCode(page, await getQuiltCode(page, person))
      assert.ok(text.includes(person.email), 'the consent page says who it is')
      const buckets = await consentAndConnect(user, page)
      assert.match(buckets, seen)
      assert.doesNotMatch(buckets, unseen)
      await page.context().close()
    })
  }

  it('says where to get the code, the only place to paste it, and which client asks', async () => {
    const { page } = await begin()
    const text = await page.locator('body').innerText()
    for (const part of ['Claude Code', new URL(registryUrl).host, new URL(stack.origin).host]) {
      assert.ok(text.includes(part), part)
    }
    await screenshot(page, 'code-page')
    await page.context().close()
  })

  it('says what to do about a wrong code and a used one, and accepts a good one', async () => {
    const { user, page } = await begin()
    assert.match(await pasteCode(page, 'not a code'), /not a one-time code/)
    const code = await getQuiltCode(page, ADA)
    assert.match(await pasteCode(page, code.slice(0, -4)), /code/)
    await pasteCode(page, code)
    await consentAndConnect(user, page)
    const again = await begin()
    assert.match(await pasteCode(again.page, code), /A code works once/)
    await page.context().close()
    await again.page.context().close()
  })

  it('says what to do when the account was deactivated', async () => {
    const { page } = await begin()
    const code = await getQuiltCode(page, ADA)
    await setActive(registryUrl, ADA, false)
    assert.match(await pasteCode(page, code), /[Aa]sk your Quilt administrator/)
    await page.context().close()
  })
})

describe('A one-time code beside an identity provider', function () {
  this.timeout(60_000)
  let mcpUrl: string
  let registryUrl: string

  before(async () => {
    const changes = { 'consent-ui': { QUILT_CREDENTIAL_SOURCE: 'code' } }
    const stack = await recordedStack({ changes })
    mcpUrl = stack.mcpUrl
    registryUrl = `http://localhost:${stack.context.ports.registry}`
  })

  async function beginAs(person: DemoPerson): Promise<{ user: McpUser; page: Page }> {
    const user = await mcpUser(mcpUrl)
    const page = await openPage((await user.begin()).href)
    await signInAs(page, person)
    await page.getByRole('heading', { name: 'Sign in to Quilt' }).waitFor()
    return { user, page }
  }

  it('connects a signed-in user who pastes their own code', async () => {
    const { user, page } = await beginAs(ADA)
    await pasteCode(page, await getQuiltCode(page, ADA))
    assert.match(await consentAndConnect(user, page), /quilt-lab/)
    await page.context().close()
  })

  it("refuses another user's code, names that user, and accepts the right one", async () => {
    const { user, page } = await beginAs(ADA)
    const text = await pasteCode(page, await getQuiltCode(page, GRACE))
    assert.ok(text.includes(GRACE.email) && text.includes(ADA.email), text)
    await pasteCode(page, await getQuiltCode(page, ADA))
    assert.match(await consentAndConnect(user, page), /quilt-lab/)
    await page.context().close()
  })

  it('says what to do when the account was deactivated', async () => {
    const { page } = await beginAs(GRACE)
    const code = await getQuiltCode(page, GRACE)
    await setActive(registryUrl, GRACE, false)
    assert.match(await pasteCode(page, code), /[Aa]sk your Quilt administrator/)
    await setActive(registryUrl, GRACE, true)
    await page.context().close()
  })
})
