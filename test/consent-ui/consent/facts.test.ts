import assert from 'node:assert/strict'
import { createPlatformMcp } from '../../../deploy/demo/platform-mcp/server.ts'
import { ADA, GRACE, type DemoPerson } from '../../../deploy/demo/people.ts'
import type { Service } from '../../../core/services/service.ts'
import { SILENT, start } from '../../deploy/demo/support/start.ts'
import { listenOnFreePort } from '../../support/free-port.ts'
import { beforeAll } from '../../support/before-all.ts'
import type { Page } from '../../support/http-browser.ts'
import { PLATFORM } from '../../support/services.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { CODE_ALONE, paste, quiltCodeOf, read } from '../support/pasted-code.ts'
import { openConsent } from '../support/person.ts'
import { startPublisher } from '../support/publisher.ts'
import { TestClient } from '../support/client.ts'
import { SessionMcp, toolFor } from './session-mcp.ts'
import { connectOnce, NAMED_CLIENTS, NAMED_SITE, namedClient } from './support.ts'

describe('The consent page, when the Quilt credential is there', () => {
  const services: Service[] = [{ ...PLATFORM }]
  let connect: Connect

  before(async () => {
    connect = await startConnect({ settings: CODE_ALONE, services })
    const registryUrl = new URL(connect.organisation.registry.origin)
    const mcp = await start(() => createPlatformMcp({ registryUrl, log: SILENT }))
    services[0] = { ...PLATFORM, upstream: { ...PLATFORM.upstream, url: new URL('/mcp', mcp.origin) } }
  })

  beforeEach(() => {
    connect.organisation.registryProxy.shut.clear()
    connect.redeploy()
  })

  async function consentOf(person: DemoPerson = ADA): Promise<Page> {
    const browser = connect.browser()
    const page = await browser.open((await connect.client()).authorizationUrl())
    return await paste(browser, page, await quiltCodeOf(connect, person))
  }

  for (const person of [ADA, GRACE]) {
    it(`shows the role ${person.quilt.role}`, async () => {
      const text = read(await consentOf(person))
      const words = `You are signed in as ${person.email}, with the role ${person.quilt.role}. Not you?`
      assert.ok(text.includes(words), text)
    })
  }

  it('lists the tools of each access with what the service says of them', async () => {
    const { text } = await consentOf()
    const [, read = '', full = ''] = text.split('<ul class="tools">')
    assert.match(read, /<code><bdi>package_browse<\/bdi><\/code>\s*<span><bdi>[A-Z]/)
    assert.ok(!read.includes('package_create') && !read.includes('package_list'), 'only what it has')
    assert.match(full, /<code><bdi>package_create<\/bdi><\/code>\s*<span><bdi>[A-Z]/)
    assert.ok(!full.includes('Also every other tool'))
  })

  it('names the tools without a description when the service does not answer', async () => {
    const service = services[0] ?? PLATFORM
    services[0] = { ...PLATFORM, upstream: { ...PLATFORM.upstream, url: new URL('http://127.0.0.1:1/mcp') } }
    connect.redeploy()
    const { text } = await consentOf()
    services[0] = service
    assert.match(text, /<code><bdi>package_list<\/bdi><\/code>\s*<\/li>/)
    assert.ok(text.includes('Also every other tool of this service, and tools that the service adds later.'))
    assert.ok(connect.lines.some((line) => line.includes('service: tools not listed')))
    const [line = ''] = connect.lines.filter((one) => one.includes('tools not listed'))
    assert.ok(!line.includes('eyJ'), line)
  })

  it('leaves out the role when the Registry does not say it', async () => {
    connect.organisation.registryProxy.shut.add('/graphql')
    const text = read(await consentOf())
    assert.ok(text.includes(`You are signed in as ${ADA.email}. Not you?`), text)
  })
})

describe('The consent page asks a service that keeps MCP sessions', () => {
  const mcp = new SessionMcp()
  const services: Service[] = []
  const connect = beforeAll(() => startConnect({ settings: CODE_ALONE, services }))

  before(async () => {
    const { origin } = await listenOnFreePort(mcp.listener)
    services[0] = { ...PLATFORM, upstream: { ...PLATFORM.upstream, url: new URL('/mcp', origin) } }
    connect.redeploy()
  })

  beforeEach(() => mcp.forget())

  async function toolsOf(person: DemoPerson): Promise<string> {
    const browser = connect.browser()
    const page = await browser.open((await connect.client()).authorizationUrl())
    return (await paste(browser, page, await quiltCodeOf(connect, person))).text
  }

  it('for each user anew, in the server’s own version of MCP', async () => {
    const [ada, grace] = [await toolsOf(ADA), await toolsOf(GRACE)]
    const [adasToken = '', gracesToken = ''] = connect.organisation.registryProxy.shownAt('/graphql')
    assert.ok(ada.includes(toolFor(adasToken)) && !ada.includes(toolFor(gracesToken)))
    assert.ok(grace.includes(toolFor(gracesToken)) && !grace.includes(toolFor(adasToken)))
    assert.deepEqual(mcp.asked.slice(0, 3), [
      'POST initialize 2025-06-18',
      'POST notifications/initialized 2025-03-26 session-1',
      'POST tools/list 2025-03-26 session-1',
    ])
  })

  it('and ends the session, also when the list fails', async () => {
    await toolsOf(ADA)
    mcp.fails = true
    await toolsOf(ADA)
    await connect.inBackground.settled()
    const ended = mcp.asked.filter((asked) => asked.startsWith('DELETE'))
    assert.deepEqual(ended, ['DELETE 2025-03-26 session-1', 'DELETE 2025-03-26 session-2'])
  })

  it('and says so when it has further tools than it listed', async () => {
    assert.ok(!(await toolsOf(ADA)).includes('Also every other tool'))
    mcp.nextCursor = 'more'
    assert.ok(
      (await toolsOf(ADA)).includes(
        'Also every other tool of this service, and tools that the service adds later.',
      ),
    )
  })
})

describe('The consent page says how many colleagues approved an application', () => {
  const publisher = beforeAll(() => startPublisher())
  const connect = beforeAll(() => {
    const settings = { CONNECT_CLIENTS: NAMED_CLIENTS, CONNECT_CLIENT_HOSTS: publisher.host }
    return startConnect({ reach: publisher.reach, settings })
  })

  async function textFor(client: TestClient): Promise<string> {
    return read(await openConsent(connect.browser(), client.authorizationUrl()))
  }

  const byDocument = (): TestClient => {
    const id = publisher.publishClient('/counted', { redirect_uris: [NAMED_SITE] })
    return new TestClient(connect.origin, { id, redirectUri: NAMED_SITE })
  }

  for (const [what, client] of [
    ['that the administrator configured', () => namedClient(connect)],
    ['that a document names', byDocument],
  ] as const) {
    it(what, async () => {
      assert.doesNotMatch(await textFor(client()), /approved/)
      await connectOnce(connect, client(), { person: GRACE })
      assert.match(await textFor(client()), /behalf\. One colleague has approved it\./)
      await connectOnce(connect, client(), { person: ADA })
      const text = await textFor(client())
      assert.match(text, /You approved this application before, on .*\. One colleague has approved it\./)
      assert.ok(!text.includes(GRACE.email))
    })
  }

  for (const [what, redirectUri] of [
    ['not of a registration, which anyone can copy', NAMED_SITE],
    ['not of a program on the user’s computer', 'http://localhost:33418/callback'],
  ] as const) {
    it(what, async () => {
      const client =
        redirectUri === NAMED_SITE
          ? await connect.client(redirectUri, 'Copy')
          : namedClient(connect, 'named-program', redirectUri)
      await connectOnce(connect, client, { person: GRACE })
      assert.doesNotMatch(await textFor(client), /colleague/)
    })
  }
})
