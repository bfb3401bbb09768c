import assert from 'node:assert/strict'
import { parseAllowedHosts } from '../../../core/clients/allowed-hosts.ts'
import { readRegistration } from '../../../consent-ui/clients/registration.ts'

const ALLOWED = parseAllowedHosts('claude.ai,localhost,cursor://')
const REDIRECT_URI = 'https://claude.ai/cb'

function nameOf(clientName: string): string {
  return readRegistration({ client_name: clientName, redirect_uris: [REDIRECT_URI] }, ALLOWED).name
}

describe("A client's name", () => {
  for (const [given, shown, what] of [
    ['Claude Code (cs)', 'Claude Code (cs)', 'as it is'],
    ['', '', 'none'],
    ['  Claude \n\t Code  ', 'Claude Code', 'without line breaks and tabs'],
    ['Evil\u202eedualC', 'Evil edualC', 'without a change of direction'],
    ['Cl\u200baude\ufeff', 'Cl aude', 'without what cannot be seen'],
    ['Claude\u0000\u0007', 'Claude', 'without control characters'],
    ['\u2066Claude\u2069', 'Claude', 'without isolates'],
    ['Ｃｌａｕｄｅ', 'Claude', 'with wide letters as plain ones'],
    ['Claude\u2028\u00a0Code', 'Claude Code', 'with plain spaces'],
    ['\ud800Claude', 'Claude', 'without half a character'],
    ['日本語 Приложение', '日本語 Приложение', 'in any language'],
    ['<b>"Claude" & \'Code\'</b>', '<b>"Claude" & \'Code\'</b>', 'with HTML, which the page escapes'],
  ] as const) {
    it(`is shown ${what}: ${JSON.stringify(given)}`, () => assert.equal(nameOf(given), shown))
  }

  it('is cut at 60 characters, never inside one', () => {
    assert.equal(nameOf('x'.repeat(10_000)), 'x'.repeat(60))
    assert.equal(nameOf(`${'x'.repeat(59)}😀😀`), `${'x'.repeat(59)}😀`)
  })
})

describe('Registration metadata', () => {
  const read = (body: unknown) => readRegistration(body, ALLOWED)

  for (const [what, body, code] of [
    ['nothing', undefined, 'invalid_client_metadata'],
    ['null', null, 'invalid_client_metadata'],
    ['text', 'x', 'invalid_client_metadata'],
    ['a list', [{ redirect_uris: [REDIRECT_URI] }], 'invalid_client_metadata'],
    ['no redirect_uris', {}, 'invalid_redirect_uri'],
    ['redirect_uris that are text', { redirect_uris: REDIRECT_URI }, 'invalid_redirect_uri'],
    ['redirect_uris that are an object', { redirect_uris: { 0: REDIRECT_URI } }, 'invalid_redirect_uri'],
    ['no redirect URI', { redirect_uris: [] }, 'invalid_redirect_uri'],
    ['a redirect URI that is no text', { redirect_uris: [7] }, 'invalid_redirect_uri'],
    ['eleven redirect URIs', { redirect_uris: Array(11).fill(REDIRECT_URI) }, 'invalid_redirect_uri'],
    ['only one that is not allowed', { redirect_uris: ['https://evil.com/cb'] }, 'invalid_redirect_uri'],
    ['a name that is no text', { redirect_uris: [REDIRECT_URI], client_name: {} }, 'invalid_client_metadata'],
    [
      'grant_types that are text',
      { redirect_uris: [REDIRECT_URI], grant_types: 'x' },
      'invalid_client_metadata',
    ],
    [
      'only a response type that there is not',
      { redirect_uris: [REDIRECT_URI], response_types: ['token'] },
      'invalid_client_metadata',
    ],
  ] as const) {
    it(`is refused for ${what}`, () => assert.throws(() => read(body), { code, status: 400 }))
  }

  it('is refused with the fault of each redirect URI if all are invalid', () => {
    assert.throws(() => read({ redirect_uris: ['javascript:alert(1)', 'https://evil.com/cb'] }), {
      message: /javascript:alert\(1\) must have the form .*; https:\/\/evil\.com\/cb leads to a host/,
    })
  })

  it('loses invalid and duplicate redirect URIs', () => {
    const redirectUris = [
      'urn:ietf:wg:oauth:2.0:oob',
      'https://evil.com/cb',
      'http://localhost/cb',
      'javascript:alert(1)',
      'http://localhost/cb',
      'cursor://x/y',
    ]
    assert.deepEqual(read({ redirect_uris: redirectUris }).redirectUris, [
      'http://localhost/cb',
      'cursor://x/y',
    ])
  })

  it('may have members that we do not use', () => {
    const registration = read({
      redirect_uris: [REDIRECT_URI],
      application_type: 'web',
      grant_types: ['authorization_code', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      id_token_signed_response_alg: 'none',
      software_statement: {},
      contacts: null,
      client_name: null,
      response_types: null,
    })
    const authentication = { method: 'none' }
    assert.deepEqual(registration, { name: '', redirectUris: [REDIRECT_URI], authentication })
  })
})
