import assert from 'node:assert/strict'
import type { McpService, Service } from '../../../core/services/service.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { readForm } from '../../support/html-form.ts'
import { FILES, PLATFORM, PLATFORM_ENTRY, servicesFrom } from '../../support/services.ts'
import { json } from '../support/answer.ts'
import { startConnect } from '../support/connect.ts'
import { read } from '../support/pasted-code.ts'
import { callbackOf, openConsent } from '../support/person.ts'
import { connectOnce, DAY_SECONDS } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

const HOUR_SECONDS = 3600
const NONE_OF_IT: readonly (readonly [string, Record<string, string>])[] = [
  ['an unknown access', { access: 'admin' }],
  ['an access in capitals', { access: 'FULL' }],
  ['no access', { access: '' }],
  ['an unknown lifetime', { lifetime: 'forever' }],
  ['a number for a lifetime', { lifetime: '99999999' }],
  ['no lifetime', { lifetime: '' }],
  ['a name of every object', { access: 'constructor' }],
]

describe('The choice on the consent page', () => {
  let browser: HttpBrowser
  let consent: Page

  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  beforeEach(async () => {
    browser = connect.browser()
    consent = await openConsent(browser, client.authorizationUrl())
  })

  it('is read-only for 30 days by default', () => {
    const { fields } = readForm(consent.text, consent.url)
    assert.equal(fields.access, 'read')
    assert.equal(fields.lifetime, 'usual')
    assert.deepEqual(radios(consent), [
      'access read',
      'access full',
      'lifetime today',
      'lifetime usual',
      'lifetime most',
    ])
  })

  for (const access of ['read', 'full'] as const) {
    it(`gives the session ${access} access, with the requested scope`, async () => {
      const { session, tokens } = await connectOnce(connect, client, { choices: { access } })
      assert.equal(session.access, access)
      assert.equal(session.scope, 'platform')
      const refreshed = json(await client.refresh(tokens.refresh_token))
      assert.equal(refreshed.scope, 'platform')
    })
  }

  for (const [lifetime, seconds] of [
    ['today', 12 * HOUR_SECONDS],
    ['usual', 30 * DAY_SECONDS],
    ['most', 90 * DAY_SECONDS],
  ] as const) {
    it(`ends the session after the lifetime ${lifetime}`, async () => {
      const from = connect.now()
      const { session, tokens } = await connectOnce(connect, client, { choices: { lifetime } })
      const least = Math.min(seconds, 90 * DAY_SECONDS - 60)
      assert.ok(session.expiresAt >= from + least && session.expiresAt <= connect.now() + seconds, lifetime)
      const left = await connect.redis.ttl(`connect:{${session.id}}:session`)
      assert.ok(left <= Math.min(seconds, 14 * DAY_SECONDS), 'and idle for no longer than it lives')
      assert.equal(tokens.expires_in, HOUR_SECONDS)
    })
  }

  for (const [what, fields] of NONE_OF_IT) {
    it(`is refused when the form has ${what}, and can be sent again`, async () => {
      const refused = await browser.press(consent, 'Continue', fields)
      assert.equal(refused.status, 400)
      assert.ok(read(refused).includes('The application got no access'), read(refused))
      assert.ok(callbackOf(await browser.press(consent, 'Continue')).searchParams.has('code'))
    })
  }

  it('is refused when it is sent twice', async () => {
    const { action, fields } = readForm(consent.text, consent.url)
    const twice = new URLSearchParams({ ...fields, decision: 'continue' })
    twice.append('access', 'full')
    assert.equal((await browser.submit(action, twice)).status, 400)
  })

  it('does not matter when the user cancels', async () => {
    const cancelled = callbackOf(await browser.press(consent, 'Cancel', { access: 'admin' }))
    assert.equal(cancelled.searchParams.get('error'), 'access_denied')
  })
})

describe('The choices that the operator allows', () => {
  const withGrants = (grants: McpService['grants']): Service[] => [{ ...PLATFORM, grants }]

  for (const [only, label, other] of [
    ['read', 'Read only', 'full'],
    ['full', 'Read and change', 'read'],
  ] as const) {
    it(`show only ${only} when the service grants only that, and accept nothing else`, async () => {
      const connect = await startConnect({ services: withGrants([only]) })
      const client = await connect.client()
      const browser = connect.browser()
      const consent = await openConsent(browser, client.authorizationUrl())
      assert.ok(read(consent).includes(`will be able to: ${label}`), read(consent))
      assert.ok(!radios(consent).some((radio) => radio.startsWith('access')))
      assert.equal((await browser.press(consent, 'Continue', { access: other })).status, 400)
      const { session } = await connectOnce(connect, client, {
        browser: connect.browser(),
        choices: { access: only },
      })
      assert.equal(session.access, only)
    })
  }

  it('apply when the form is sent, not when the page was shown', async () => {
    const services = withGrants(['read', 'full'])
    const connect = await startConnect({ services })
    const client = await connect.client()
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    services[0] = { ...PLATFORM, grants: ['read'] }
    connect.redeploy()
    assert.equal((await browser.press(consent, 'Continue', { access: 'full' })).status, 400)
  })

  it('name each tool that the operator counts as reading, and what it does', async () => {
    const services = servicesFrom(
      PLATFORM_ENTRY.replace(
        '{ tools: quilt-platform }',
        '{ tools: quilt-platform, more: [athena_query, s3_object_link] }',
      ),
    )
    const connect = await startConnect({ services })
    const page = await openConsent(connect.browser(), (await connect.client()).authorizationUrl())
    const words =
      'Your administrator counts these tools as reading too: athena_query, which runs SQL queries; s3_object_link, which hands out links that work without signing in.'
    assert.ok(read(page).includes(words), read(page))
  })

  it('name each method that the operator counts as reading, and what it does', async () => {
    const added = '{ tools: quilt-platform, moreMethods: { vendor/search: searches the vendor’s index } }'
    const services = servicesFrom(PLATFORM_ENTRY.replace('{ tools: quilt-platform }', added))
    const connect = await startConnect({ services })
    const page = await openConsent(connect.browser(), (await connect.client()).authorizationUrl())
    const words =
      'Your administrator counts these requests as reading too: vendor/search, which searches the vendor’s index.'
    assert.ok(read(page).includes(words), read(page))
  })

  it('have their own words for a plain HTTP service', async () => {
    const connect = await startConnect({ services: [PLATFORM, FILES] })
    const client = await connect.client()
    const url = client.authorizationUrl({ resource: `${connect.origin}/files`, scope: 'files' })
    const text = read(await openConsent(connect.browser(), url))
    for (const words of [
      'It will use Sample files as you.',
      'Read only Read what you can see at /files/raw, and change nothing.',
      'Read and change Send any request that you can, including requests that change or delete data.',
    ]) {
      assert.ok(text.includes(words), `${words}: ${text}`)
    }
  })

  for (const [settings, words, offered] of [
    [{ SESSION_MAX_DAYS: '1' }, 'Today (12 hours) 1 day Access ends', ['today', 'usual']],
    [{ SESSION_DAYS: '7', SESSION_MAX_DAYS: '7' }, 'Today (12 hours) 7 days Access ends', ['today', 'usual']],
    [
      { SESSION_DAYS: '1', SESSION_MAX_DAYS: '2' },
      'Today (12 hours) 1 day 2 days Access ends',
      ['today', 'usual', 'most'],
    ],
  ] as const) {
    it(`offer no lifetime beyond ${JSON.stringify(settings)}`, async () => {
      const connect = await startConnect({ settings })
      const client = await connect.client()
      const page = await openConsent(connect.browser(), client.authorizationUrl())
      assert.ok(read(page).includes(words), read(page))
      assert.deepEqual(
        radios(page).slice(2),
        offered.map((name) => `lifetime ${name}`),
      )
      const days = Number(settings.SESSION_MAX_DAYS)
      const { session } = await connectOnce(connect, client, { choices: { lifetime: 'most' } })
      assert.ok(session.expiresAt <= connect.now() + days * DAY_SECONDS)
    })
  }
})

function radios({ text }: Page): string[] {
  return [...text.matchAll(/type="radio"\s+id="(access|lifetime)-(\w+)"/g)].map(
    ([, name, value]) => `${name} ${value}`,
  )
}
