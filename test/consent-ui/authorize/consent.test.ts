import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ADA } from '../../../deploy/demo/people.ts'
import type { Page } from '../../support/http-browser.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { read } from '../support/pasted-code.ts'
import { openConsent } from '../support/person.ts'
import { ALLOWED_HOSTS } from '../support/settings.ts'

const CLAUDE = 'https://claude.ai/api/mcp/auth_callback'

const SCRIPTS = join(import.meta.dirname, '../../../consent-ui/pages/scripts')

/** As a source in a Content-Security-Policy. */
function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

describe('The consent page', () => {
  let connect: Connect

  before(async () => {
    const settings = { CONNECT_ALLOWED_HOSTS: `${ALLOWED_HOSTS},.benchling.com:8443` }
    connect = await startConnect({ settings })
  })

  async function consentOf(redirectUri: string, name: string): Promise<Page> {
    const client = await connect.client(redirectUri, name)
    return await openConsent(connect.browser(), client.authorizationUrl())
  }

  it('shows the client, its destination, the service, the lifetime and the user', async () => {
    const page = await consentOf(CLAUDE, 'Claude')
    const text = read(page)
    for (const words of [
      'Authorize Application',
      'Claude wants to access your Quilt account.',
      'This will allow the application to access data on your behalf.',
      `You are signed in as ${ADA.email}, with the role ${ADA.quilt.role}. Not you?`,
      'Claude will be able to: Read only',
      'After you continue, you’ll return to claude.ai You are signed in',
      'It will use Quilt Platform MCP Server as you.',
      'Read only Search, list and read what you can see, and change nothing.',
      'Read and change See, create, change and delete everything that you can: packages, files, tables.',
      'For up to: Today (12 hours) 30 days 90 days',
      'Access ends earlier if it is unused for 14 days, or when you or an administrator ends it.',
      'You can make it read only or end it at any time: Your connected applications.',
      'Continue',
      'Cancel',
    ]) {
      assert.ok(text.includes(words), `${words}: ${text}`)
    }
    assert.match(page.headers.get('content-type') ?? '', /^text\/html; charset=utf-8$/)
  })

  for (const [redirectUri, destination] of [
    [CLAUDE, 'return to claude.ai You'],
    ['https://tenant.benchling.com:8443/cb', 'return to tenant.benchling.com:8443 You'],
    ['http://localhost:33418/cb', 'return to an application on this computer localhost'],
    ['http://127.0.0.1:5/cb', 'return to an application on this computer 127.0.0.1'],
    ['http://localhost.:5/cb', 'return to an application on this computer localhost.'],
    [
      'cursor://anysphere.cursor-mcp/oauth/callback',
      'return to an application on this computer cursor://anysphere.cursor-mcp',
    ],
    ['quilt://auth/callback?host=demo', 'return to an application on this computer quilt://auth'],
  ] as const) {
    it(`shows the destination of ${redirectUri}`, async () => {
      const text = read(await consentOf(redirectUri, 'Client'))
      assert.ok(text.includes(destination), text)
      const onThisComputer = text.includes('An application on this computer is asking.')
      assert.equal(onThisComputer, redirectUri.startsWith('http:'))
    })
  }

  it('negative test, authorize: HTML in client_name: shows HTML in a name as text, without direction marks', async () => {
    const page = await consentOf(CLAUDE, '<img src=x onerror=alert(1)>"\u202e\'&amp;')
    assert.ok(page.text.includes('&#60;img src=x onerror=alert(1)&#62;&#34; &#39;&#38;amp;'), page.text)
    assert.ok(!page.text.includes('<img') && !page.text.includes('\u202e'))
  })

  it('says that a client has no name', async () => {
    assert.ok(read(await consentOf(CLAUDE, '')).includes('An application without a name wants to access'))
  })

  it('negative test, authorize: framing: allows no loading and no framing, and only its own style and script', async () => {
    const page = await consentOf(CLAUDE, 'Claude')
    const hashesOf = (tag: string): string[] =>
      [...page.text.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(([, text = '']) => hashOf(text))
    const [[style = ''], [script = '', ...more]] = [hashesOf('style'), hashesOf('script')]
    const policy = page.headers.get('content-security-policy') ?? ''
    // The scripts of all pages are allowed on each.
    const own = readdirSync(SCRIPTS).filter((file) => file.endsWith('.js'))
    const allowed = own.map((file) => hashOf(readFileSync(join(SCRIPTS, file), 'utf8')))
    const [, scripts = ''] = /;script-src ([^;]*);/.exec(policy) ?? []
    assert.deepEqual(scripts.split(' ').sort(), allowed.sort())
    assert.equal(
      policy,
      `default-src 'none';style-src ${style};script-src ${scripts};base-uri 'none';frame-ancestors 'none'`,
    )
    assert.ok(allowed.includes(script))
    assert.deepEqual([more, page.text.split('<script').length], [[], 2])
    assert.doesNotMatch(page.text, /<img|<link|<iframe|\son\w+=|style=|javascript:|url\(|@import/i)
  })

  describe('has the security headers of every page', () => {
    const assertPageHeaders = ({ headers }: { headers: Headers }): void => {
      const policy = headers.get('content-security-policy') ?? ''
      assert.match(policy, /default-src 'none'/)
      assert.match(policy, /frame-ancestors 'none'/)
      // It would also apply to the redirect to the client, and block it.
      assert.doesNotMatch(policy, /form-action/)
      assert.equal(headers.get('x-frame-options'), 'DENY')
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      // With no-referrer a form has no Origin to check.
      assert.equal(headers.get('referrer-policy'), 'same-origin')
      assert.equal(headers.get('cache-control'), 'no-store')
      assert.equal(headers.get('x-powered-by'), null)
      assert.equal(headers.get('access-control-allow-origin'), null)
    }

    it('on the consent page itself', async () => assertPageHeaders(await consentOf(CLAUDE, 'Claude')))

    for (const path of [
      '/connect/authorize',
      '/authorize?client_id=x',
      '/connect/authorize/unknown',
      '/connect/authorize/%ff%00',
      '/connect/callback?state=x',
      '/connect/authorize?client_id=a&client_id=b',
    ]) {
      it(`on an error page at ${path}`, async () => {
        const answer = await connect.get(path)
        assert.equal(answer.status, 400)
        assertPageHeaders(answer)
      })
    }

    it('on the page of a refused form', async () => {
      const answer = await connect.post('/connect/authorize/unknown', { decision: 'continue' })
      assert.equal(answer.status, 400)
      assertPageHeaders(answer)
    })

    it('on the redirect to the client', async () => {
      const client = await connect.client()
      assertPageHeaders(await connect.browser().open(client.authorizationUrl({ response_mode: 'x' })))
    })
  })
})
