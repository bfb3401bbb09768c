import assert from 'node:assert/strict'
import fc from 'fast-check'
import { rawHttp } from '../../support/raw-http.ts'
import { ask, encode, json } from '../support/answer.ts'
import { tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'
import { anyText } from '../../support/any-text.ts'

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'
const FORM_ENDPOINTS = ['/auth/token', '/token', '/auth/revoke']
const ENDPOINTS = [...FORM_ENDPOINTS, '/auth/register', '/register']
const MEGABYTE = 1_000_000
const RUNS = 150

describe('Every endpoint for clients', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  type Body = string | Uint8Array<ArrayBuffer>

  /** Asserts that a malformed request gets an OAuth error with a 4xx status. */
  async function assertRefused(path: string, body: Body, headers: Record<string, string>): Promise<void> {
    const answer = await ask(connect.origin + path, { method: 'POST', body, headers })
    const what = `${path} ${JSON.stringify(headers)}: ${answer.text}`
    assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${what}`)
    assert.equal(answer.headers.get('cache-control'), 'no-store', what)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/, what)
    assert.match(String(json(answer).error), /^[a-z_]+$/, what)
  }

  for (const path of ENDPOINTS) {
    it(`T10: ${path} refuses a body with another content type`, async () => {
      const types = [
        '',
        'text/html',
        'multipart/form-data',
        '/',
        ';',
        'a/b/c',
        `${FORM}/x`,
        '\u00ff',
        'x'.repeat(4000),
      ]
      for (const type of [...types, path.includes('register') ? FORM : JSON_TYPE]) {
        await assertRefused(path, 'grant_type=refresh_token', { 'content-type': type })
      }
    })

    it(`T10: ${path} refuses a body that is not text, too large or compressed`, async () => {
      const type = path.includes('register') ? JSON_TYPE : FORM
      const bodies: Body[] = [
        new Uint8Array([0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28]),
        'x'.repeat(MEGABYTE),
        `{"redirect_uris":["${'x'.repeat(MEGABYTE)}"]}`,
        '['.repeat(50_000),
        '\u0000',
        '',
      ]
      for (const body of bodies) await assertRefused(path, body, { 'content-type': type })
      for (const encoding of ['gzip', 'br', 'deflate', 'zstd', 'x', 'gzip, gzip', 'identity, gzip']) {
        await assertRefused(path, 'x', { 'content-type': type, 'content-encoding': encoding })
      }
    })
  }

  for (const path of FORM_ENDPOINTS) {
    it(`T10: ${path} refuses a malformed Basic header`, async () => {
      const [id, ours] = [encodeURIComponent(client.id), base64(`${client.id}:`)]
      const odd = [
        '',
        ' ',
        ' =',
        ' !!!',
        ` ${ours}\u00ff`,
        ' Og==',
        ` ${base64('x')}`,
        ` ${base64('\u0000:\u0000')}`,
      ]
      for (const rest of [
        ...odd,
        ` ${base64('%zz:%')}`,
        ` ${base64(`${id}x:`)}`,
        ` ${ours}, Basic ${ours}`,
      ]) {
        const headers = { 'content-type': FORM, authorization: `Basic${rest}` }
        await assertRefused(path, encode({ grant_type: 'refresh_token', token: 'x' }), headers)
      }
    })

    it(`T10: ${path} refuses a parameter twice, as a list and as an object`, async () => {
      const usual = encode({
        client_id: client.id,
        grant_type: 'refresh_token',
        refresh_token: 'x',
        token: 'x',
      })
      const headers = { 'content-type': FORM }
      for (const name of ['client_id', 'grant_type', 'refresh_token', 'token', 'scope', 'x']) {
        await assertRefused(path, `${usual}&${name}=x&${name}=y`, headers)
      }
      for (const name of ['client_id[]', 'client_id[0]', 'client_id[x]', '__proto__', 'constructor']) {
        await assertRefused(path, `${encode({ grant_type: 'x', token: 'x' })}&${name}=x`, headers)
      }
    })
  }

  it('T10: answers random input, never with a 500', async () => {
    const texts = fc.oneof(
      anyText({ maxLength: 40 }),
      fc.constantFrom(
        client.id,
        'refresh_token',
        'authorization_code',
        'https://evil.example/x',
        'null',
        '[]',
        '{}',
      ),
    )
    const names = fc.oneof(
      fc.constantFrom(
        'grant_type',
        'client_id',
        'client_secret',
        'code',
        'refresh_token',
        'token',
        'resource',
        'scope',
      ),
      fc.constantFrom(
        'client_assertion',
        'client_assertion_type',
        'code_verifier',
        'redirect_uri',
        'redirect_uris',
      ),
      texts,
    )
    const forms = fc
      .array(fc.tuple(names, texts), { maxLength: 8 })
      .map((pairs) => new URLSearchParams(pairs).toString())
    const bodies = fc.oneof(
      { weight: 4, arbitrary: forms },
      { weight: 2, arbitrary: fc.json() },
      { weight: 1, arbitrary: anyText() },
    )
    const types = fc.constantFrom(
      FORM,
      FORM,
      FORM,
      JSON_TYPE,
      JSON_TYPE,
      `${FORM}; charset=utf-7`,
      'text/plain',
      'x',
    )
    const schemes = fc.constantFrom('', 'Basic ', 'basic ', 'Bearer ', 'Negotiate ')
    const request = fc.record({
      path: fc.constantFrom(...ENDPOINTS),
      body: bodies,
      type: types,
      authorization: fc
        .tuple(schemes, fc.base64String({ maxLength: 60 }))
        .map(([scheme, text]) => scheme + text),
    })
    const property = fc.asyncProperty(request, async ({ path, body, type, authorization }) => {
      const headers = { 'content-type': type, authorization }
      const answer = await ask(connect.origin + path, { method: 'POST', body, headers })
      assert.ok(answer.status < 500, answer.text)
      assert.equal(answer.headers.get('cache-control'), 'no-store')
    })
    await fc.assert(property, { numRuns: RUNS, interruptAfterTimeLimit: 8000 })
    tokensOf(await client.redeem(await codeFor(connect, client)))
  })

  it('T10: survives raw bytes that no HTTP client would send', async () => {
    for (const lines of [
      ['POST /auth/token HTTP/1.1', 'Host: x', `Content-Type: ${FORM}`, 'Content-Length: -1'],
      [
        'POST /auth/token HTTP/1.1',
        'Host: x',
        `Content-Type: ${FORM}`,
        'Transfer-Encoding: chunked',
        '',
        'zz',
        'x',
      ],
      ['POST /auth/token HTTP/1.1', 'Host: x', 'Content-Type: \u0000', 'Content-Length: 1', '', 'x'],
      [
        'POST /auth/token HTTP/1.1',
        'Host: x',
        `Content-Type: ${FORM}`,
        `Authorization: ${'x'.repeat(20_000)}`,
      ],
      [
        'POST /auth/token HTTP/1.1',
        'Host: a@evil.com',
        `Content-Type: ${FORM}`,
        'Content-Length: 1',
        '',
        'x',
      ],
      [
        'POST http://evil.example/auth/token HTTP/1.1',
        'Host: x',
        `Content-Type: ${FORM}`,
        'Content-Length: 1',
        '',
        'x',
      ],
      ['POST //auth//token HTTP/1.1', 'Host: x', 'Content-Length: 0'],
    ]) {
      assert.match(await rawHttp(connect.origin, lines), /^HTTP\/1\.1 4\d\d /, lines.join('|'))
    }
    tokensOf(await client.redeem(await codeFor(connect, client)))
  })
})

function base64(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64')
}
