import assert from 'node:assert/strict'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { ADA, GRACE, type DemoPerson } from '../../deploy/demo/people.ts'
import { freeStackPorts } from '../../deploy/local/context/ports.ts'
import { startStack, type Stack } from '../../deploy/local/stack.ts'
import { beforeAll } from '../support/before-all.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { HttpBrowser, type Page } from '../support/http-browser.ts'
import { allow, openPage } from './support/consent.ts'
import { mcpUser, type McpUser } from './support/mcp-user.ts'
import { getQuiltCode, getQuiltCodeByHttp, pasteCode, setActive } from './support/quilt-code.ts'
import { recordedStack, sharedStack } from './support/recorded-stack.ts'
import { screenshot } from './support/screenshot.ts'

/** A client that wants the browser, over HTTP, and the page that the user is at. */
interface AtPage {
  readonly user: McpUser
  readonly browser: HttpBrowser
  readonly page: Page
}

async function begin(mcpUrl: string): Promise<AtPage> {
  const user = await mcpUser(mcpUrl)
  const browser = new HttpBrowser()
  return { user, browser, page: await browser.open((await user.begin()).href) }
}

/** @returns where the user is next */
async function paste({ user, browser, page }: AtPage, code: string): Promise<AtPage> {
  return { user, browser, page: await browser.press(page, 'Continue', { quilt_code: code }) }
}

/** Goes on from the consent page. @returns the buckets that the connected client sees */
async function consentAndConnect({ user, browser, page }: AtPage): Promise<string> {
  await browser.press(page, 'Continue', { access: 'full' })
  return await buckets(await user.finish(await user.callback.next()))
}

async function buckets(client: Client): Promise<string> {
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

  it('connects Ada in Chromium, who sees what her role may see', async () => {
    const user = await mcpUser(stack.mcpUrl)
    const page = await openPage((await user.begin()).href)
    const asking = await page.locator('body').innerText()
    for (const part of ['Claude Code', new URL(registryUrl).host, new URL(stack.origin).host]) {
      assert.ok(asking.includes(part), part)
    }
    await screenshot(page, 'code-page')
    const text = await pasteCode(page, await getQuiltCode(page, ADA))
    assert.ok(text.includes(ADA.email), 'the consent page says who it is')
    await page.getByRole('heading', { name: 'Authorize Application' }).waitFor()
    await allow(page)
    assert.match(await buckets(await user.finish(await user.callback.next())), /quilt-lab/)
    await page.context().close()
  })

  it('connects Grace, who sees less', async () => {
    const asked = await begin(stack.mcpUrl)
    const atConsent = await paste(asked, await getQuiltCodeByHttp(asked.page, GRACE))
    assert.ok(atConsent.page.text.includes(GRACE.email), 'the consent page says who it is')
    const seen = await consentAndConnect(atConsent)
    assert.match(seen, /quilt-open-data/)
    assert.doesNotMatch(seen, /quilt-lab/)
  })

  it('says what to do about a wrong code and a used one, and accepts a good one', async () => {
    const asked = await begin(stack.mcpUrl)
    const code = await getQuiltCodeByHttp(asked.page, ADA)
    const wrong = await paste(asked, 'not a code')
    assert.match(wrong.page.text, /not a one-time code/)
    const shortened = await paste(wrong, code.slice(0, -4))
    assert.match(shortened.page.text, /code/)
    await consentAndConnect(await paste(shortened, code))
    assert.match((await paste(await begin(stack.mcpUrl), code)).page.text, /A code works once/)
  })

  it('says what to do when the account was deactivated', async () => {
    const asked = await begin(stack.mcpUrl)
    const code = await getQuiltCodeByHttp(asked.page, ADA)
    await setActive(registryUrl, ADA, false)
    assert.match((await paste(asked, code)).page.text, /[Aa]sk your Quilt administrator/)
  })
})

describe('A one-time code beside an identity provider', function () {
  this.timeout(60_000)

  const stack = beforeAll(() =>
    recordedStack({ changes: { 'consent-ui': { QUILT_CREDENTIAL_SOURCE: 'code' } } }),
  )

  async function beginAs({ email, password }: DemoPerson): Promise<AtPage> {
    const { user, browser, page } = await begin(stack.mcpUrl)
    const asked = await browser.press(page, 'Sign in', { email, password })
    assert.match(asked.text, /Sign in to Quilt/)
    return { user, browser, page: asked }
  }

  it('connects a signed-in user who pastes their own code', async () => {
    const asked = await beginAs(ADA)
    const atConsent = await paste(asked, await getQuiltCodeByHttp(asked.page, ADA))
    assert.match(await consentAndConnect(atConsent), /quilt-lab/)
  })

  it("refuses another user's code, names that user, and accepts the right one", async () => {
    const asked = await beginAs(ADA)
    const refused = await paste(asked, await getQuiltCodeByHttp(asked.page, GRACE))
    const { text } = refused.page
    assert.ok(text.includes(GRACE.email) && text.includes(ADA.email), text)
    const atConsent = await paste(refused, await getQuiltCodeByHttp(asked.page, ADA))
    assert.match(await consentAndConnect(atConsent), /quilt-lab/)
  })

  it('says what to do when the account was deactivated', async () => {
    const registryUrl = `http://localhost:${stack.context.ports.registry}`
    const asked = await beginAs(GRACE)
    const code = await getQuiltCodeByHttp(asked.page, GRACE)
    await setActive(registryUrl, GRACE, false)
    assert.match((await paste(asked, code)).page.text, /[Aa]sk your Quilt administrator/)
    await setActive(registryUrl, GRACE, true)
  })
})
