import assert from 'node:assert/strict'
import { GRACE } from '../../deploy/demo/people.ts'
import { linksIn } from '../consent-ui/notices/support.ts'
import { beforeAll } from '../support/before-all.ts'
import { HttpBrowser } from '../support/http-browser.ts'
import { until } from '../support/until.ts'
import { connectAs } from './support/consent.ts'
import { mcpUser } from './support/mcp-user.ts'
import { rawPost } from './support/raw-post.ts'
import { sharedTracedStack } from './support/recorded-stack.ts'

describe('The link of a notice', function () {
  this.timeout(60_000)
  const stack = beforeAll(() => sharedTracedStack())

  it('N01: changes nothing by GET, ends the session by POST, and is in no log of Envoy, authz and consent-ui', async () => {
    const from = stack.lines.length
    const user = await mcpUser(stack.mcpUrl, { name: 'Noticed Application' })
    await connectAs(user, GRACE, 'Read and change')
    const callTool = async (): Promise<number> => {
      return (await rawPost(stack.mcpUrl, [`Bearer ${user.memory.tokens()?.access_token ?? ''}`])).status
    }
    const mail = () => stack.mailbox.mails.find(({ content }) => content.includes('Noticed Application'))
    await until(() => mail() !== undefined, 'the mail')
    assert.deepEqual(mail()?.to, [GRACE.email])
    const [link = ''] = linksIn(mail() ?? { content: '' })
    const browser = new HttpBrowser([stack.origin])
    const page = await browser.open(link)
    assert.equal(page.headers.get('referrer-policy'), 'no-referrer')
    assert.equal(await callTool(), 200)
    assert.match((await browser.press(page, 'End this connection')).text, /Connection ended/)
    assert.equal(await callTool(), 401)
    const logged = (): readonly string[] => stack.lines.slice(from)
    await until(
      () => logged().filter((line) => line.includes('/connect/notice')).length > 1,
      'the access log',
    )
    const [, sealed = ''] = new URL(link).searchParams.get('k')?.split('.') ?? []
    assert.ok(sealed.length > 100 && !logged().some((line) => line.includes(sealed)))
  })
})
