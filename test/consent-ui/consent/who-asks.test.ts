import assert from 'node:assert/strict'
import type { Page } from '../../support/http-browser.ts'
import { TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { read } from '../support/pasted-code.ts'
import { openConsent } from '../support/person.ts'
import { startPublisher } from '../support/publisher.ts'
import { NAMED_CLIENTS, NAMED_SITE, namedClient } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

const CLAUDE = 'https://claude.ai/api/mcp/auth_callback'

describe('The consent page says what vouches for a client', () => {
  let connect: Connect

  const publisher = beforeAll(() => startPublisher())

  before(async () => {
    const settings = { CONNECT_CLIENTS: NAMED_CLIENTS, CONNECT_CLIENT_HOSTS: publisher.host }
    connect = await startConnect({ reach: publisher.reach, settings })
  })

  async function pageOf(client: TestClient): Promise<Page> {
    return await openConsent(connect.browser(), client.authorizationUrl())
  }

  async function registered(name: string, redirectUri = CLAUDE): Promise<Page> {
    return await pageOf(await connect.client(redirectUri, name))
  }

  it('names nothing for a registered client', async () => {
    const text = read(await registered('Some Application'))
    assert.ok(text.includes('Name not verified The application chose this name itself.'), text)
  })

  it('names the operator for a configured client', async () => {
    const text = read(await pageOf(namedClient(connect)))
    assert.ok(text.includes('Added by your administrator This will allow'), text)
  })

  it('names the website of a client document', async () => {
    const id = publisher.publishClient('/site', { redirect_uris: [NAMED_SITE] })
    const text = read(await pageOf(new TestClient(connect.origin, { id, redirectUri: NAMED_SITE })))
    const words = `Published by ${publisher.host} The website publishes this application and the address that you’ll return to.`
    assert.ok(text.includes(words), text)
  })

  for (const redirectUri of [
    'http://localhost:33418/callback',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'https://vscode.dev/redirect',
  ]) {
    it(`names the operator, and warns that any program may be at ${redirectUri}`, async () => {
      const text = read(await pageOf(namedClient(connect, 'named-program', redirectUri)))
      const words =
        'Name from your administrator Any program on this computer can claim to be this application.'
      assert.ok(text.includes(words), text)
    })
  }

  it('verifies no website that passes the code on to a program', async () => {
    const redirectUri = 'https://vscode.dev/redirect'
    const id = publisher.publishClient('/relay', { redirect_uris: [redirectUri] })
    const text = read(await pageOf(new TestClient(connect.origin, { id, redirectUri })))
    const words = `Name from ${publisher.host} Any program on this computer can claim to be this application.`
    assert.ok(text.includes(words) && !text.includes('Published by'), text)
    assert.ok(text.includes('return to an application on this computer vscode.dev'), text)
    assert.ok(text.includes('An application on this computer is asking.'), text)
  })

  it('warns that any program can claim to be one that a website publishes', async () => {
    const id = publisher.publishClient('/program')
    const redirectUri = 'http://localhost:51234/callback'
    const text = read(await pageOf(new TestClient(connect.origin, { id, redirectUri })))
    const words = `Name from ${publisher.host} Any program on this computer can claim to be this application.`
    assert.ok(text.includes(words) && !text.includes('Published by'), text)
  })

  for (const [name, words] of [
    ['\u0421laude', 'This name looks like “Claude” but is spelled differently.'],
    ['\u041cy \u0420\u0430yment', 'This name mixes letters of several alphabets'],
    ['Benchling', 'It calls itself “Benchling”, but you would not return to a known address of Benchling.'],
  ] as const) {
    it(`B13: warns of the name ${name}`, async () => {
      const page = await registered(name)
      assert.ok(read(page).includes(words), read(page))
      assert.match(page.text, /<p class="notice warning" role="alert">/)
    })
  }

  it('B13: warns of no unsuspicious name', async () => {
    assert.ok(!(await registered('Claude')).text.includes('role="alert"'))
  })

  it('B13: cuts a name of 10,000 characters and drops direction characters', async () => {
    const long = await registered('x'.repeat(10_000))
    const [, shown = ''] = /<bdi>(x+)<\/bdi><\/strong> wants/.exec(long.text) ?? []
    assert.equal(shown.length, 60)
    const turned = await registered('\u202eedualC\u202c\u2066')
    assert.doesNotMatch(turned.text, /[\u202a-\u202e\u2066-\u2069]/)
  })
})
