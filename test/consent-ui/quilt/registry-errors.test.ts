import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { beforeAll } from '../../support/before-all.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { startConnect } from '../support/connect.ts'
import { settingsOf } from '../support/organisation.ts'
import { CODE_ALONE, paste, read } from '../support/pasted-code.ts'
import { ScriptedIdentityProvider, type OddAnswer } from '../support/scripted-identity-provider.ts'
import { ScriptedRegistry } from '../support/scripted-registry.ts'

/** What a page says: about the user's account, about a code, or that it was not possible to ask. */
type Meaning = 'refused' | 'unavailable'

const message = (status: number, text: string, more: object = {}): OddAnswer => ({
  status,
  body: JSON.stringify({ message: text, ...more }),
})

/** The documented errors of the Registry, and what proxies before it answer. */
const ERRORS: Readonly<Record<string, OddAnswer>> = {
  '401 Not logged in': message(401, 'Not logged in'),
  '401 Token invalid.': message(401, 'Token invalid.'),
  '401 Code invalid': message(401, 'Code invalid'),
  '401 Token could not be deserialized': message(401, 'Token could not be deserialized'),
  '401 outdated token': message(401, 'Outdated access token: please log in again'),
  '401 SSO refresh': message(401, 'Failed to refresh SSO access token'),
  '401 Login attempt failed': message(401, 'Login attempt failed'),
  '401 unknown user': message(401, 'User ada does not exist'),
  '401 domain': message(401, 'Domain example.com is not allowed'),
  '400 Default role not set': message(400, 'Default role not set'),
  '403 inactive': message(403, 'Account is inactive. Must have an active account.'),
  '400 SubscriptionInvalid': message(400, 'Subscription is invalid', { error_code: 'SubscriptionInvalid' }),
  '403 another': message(403, 'Forbidden'),
  '409 taken': message(409, 'Email already taken.'),
  '500 SMTP': message(500, 'SMTP settings are invalid'),
  '429': message(429, 'Too many requests'),
  '502 of a proxy': { status: 502, body: '<html>', type: 'text/html' },
  '401 of a proxy': { status: 401, body: '<html>', type: 'text/html' },
  '200 with a page': { status: 200, body: '<html>', type: 'text/html' },
  '200 with nothing': { status: 200, body: '{}' },
}
/** Of `/api/me`, these say nothing about the user. */
const UNAVAILABLE = new Set([
  ...['400 SubscriptionInvalid', '403 another', '409 taken', '500 SMTP', '429'],
  ...['502 of a proxy', '401 of a proxy', '200 with a page', '200 with nothing'],
])
/** When a token or code is asked for, a 400 or 403 in the Registry's form is about its user. */
const UNAVAILABLE_AT_TOKEN = new Set(
  [...UNAVAILABLE].filter((name) => name !== '400 SubscriptionInvalid' && name !== '403 another'),
)

const TOKEN = JSON.stringify({
  access_token: 'quilt-token',
  refresh_token: 'quilt-token',
  expires_at: Math.floor(Date.now() / 1000) + 86_400,
})
const CODE = Buffer.from(JSON.stringify({ id: ADA.quilt.id, code: 'c0de' })).toString('base64')

describe('An error of the Registry', () => {
  const provider = new ScriptedIdentityProvider()
  const registry = new ScriptedRegistry()
  const connect = beforeAll(() =>
    startConnect({
      identityProvider: (issuer, uri) => provider.listener(issuer, uri),
      registry: registry.listener,
    }),
  )
  const client = beforeAll(() => connect.client())

  afterEach(() => {
    registry.odd = {}
  })

  async function approval(): Promise<[HttpBrowser, Page]> {
    connect.redeploy(settingsOf(connect.organisation))
    const browser = connect.browser()
    return [browser, await browser.open(client.authorizationUrl())]
  }

  async function codePage(path: string): Promise<[HttpBrowser, Page]> {
    connect.redeploy(CODE_ALONE)
    const browser = connect.browser()
    return [browser, await browser.open(path)]
  }

  async function approve([browser, page]: [HttpBrowser, Page]): Promise<Page> {
    assert.equal(page.status, 200, 'the consent page, without a role')
    return await browser.press(page, 'Continue', { access: 'full' })
  }

  const toCodePage = async (path: string, odd: Readonly<Record<string, OddAnswer>>): Promise<Page> => {
    const [browser, page] = await codePage(path)
    registry.odd = { '/api/token': { status: 200, body: TOKEN }, ...odd }
    return await paste(browser, page, CODE)
  }

  const STEPS: Readonly<
    Record<
      string,
      { readonly unavailable: ReadonlySet<string>; readonly run: (odd: OddAnswer) => Promise<Page> }
    >
  > = {
    'when the ID token is exchanged': {
      unavailable: UNAVAILABLE_AT_TOKEN,
      run: async (odd) => {
        registry.odd = { '/api/token-exchange': odd }
        return await approve(await approval())
      },
    },
    'when the user of the exchanged credential is asked for': {
      unavailable: UNAVAILABLE,
      run: async (odd) => {
        registry.odd = { '/api/me': odd }
        return await approve(await approval())
      },
    },
    'when a pasted code is redeemed': {
      unavailable: UNAVAILABLE_AT_TOKEN,
      run: (odd) => toCodePage(client.authorizationUrl(), { '/api/token': odd }),
    },
    'when the user of a pasted code is asked for': {
      unavailable: UNAVAILABLE,
      run: (odd) => toCodePage(client.authorizationUrl(), { '/api/me': odd }),
    },
    'when a code is redeemed at the connected applications': {
      unavailable: UNAVAILABLE_AT_TOKEN,
      run: (odd) => toCodePage(`${connect.origin}/connect/apps`, { '/api/token': odd }),
    },
    'when the user of a code at the connected applications is asked for': {
      unavailable: UNAVAILABLE,
      run: (odd) => toCodePage(`${connect.origin}/connect/apps`, { '/api/me': odd }),
    },
  }

  for (const [step, { unavailable, run }] of Object.entries(STEPS)) {
    describe(step, () => {
      for (const [name, odd] of Object.entries(ERRORS)) {
        const meaning: Meaning = unavailable.has(name) ? 'unavailable' : 'refused'
        it(`leads to a page with a next step and to no session: ${name} (${meaning})`, async () => {
          const before = await sessionKeys()
          const page = await run(odd)
          assert.ok(page.url.startsWith(connect.origin), page.url)
          assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
          assert.equal(page.status === 503, meaning === 'unavailable', `${page.status} ${read(page)}`)
          assert.ok(page.status >= 400, read(page))
          assert.match(page.text, /<h1[\s>]/)
          assert.match(page.text, /<a href="\/connect\/|<button/, 'a next step')
          if (meaning === 'unavailable') assert.ok(page.headers.has('retry-after'))
          else assert.match(read(page), /administrator|Get a new one/)
          assert.deepEqual(await sessionKeys(), before)
        })
      }
    })
  }

  async function sessionKeys(): Promise<string[]> {
    const keys = await connect.redis.keys('connect:{*')
    return keys.filter((key) => /:session$|:code:/.test(key)).sort()
  }
})
