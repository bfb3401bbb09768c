import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describeError } from '../../../core/log/describe-error.ts'

describe('describeError', () => {
  const failed = (cause: unknown): string => describeError(new Error('sign-in failed', { cause }))

  it('joins the messages of an error and its causes', () => {
    assert.equal(
      failed(new Error('fetch failed', { cause: new Error('refused') })),
      'sign-in failed: fetch failed: refused',
    )
  })

  it('names the error code, the description and the status once', () => {
    const body = { error: 'invalid_client', error_description: 'wrong secret' }
    const said = Object.assign(new Error('an OAuth error'), { ...body, status: 401, cause: body })
    assert.equal(
      failed(said),
      'sign-in failed: an OAuth error (error invalid_client, description wrong secret, status 401)',
    )
  })

  for (const [what, cause, expected] of [
    [
      'an answer',
      new Response('<html>', { status: 404, headers: { 'content-type': 'text/html' } }),
      'HTTP 404 text/html',
    ],
    [
      'a query',
      new URLSearchParams({ error: 'server_error', code: 'ABC', state: 'DEF' }),
      'error server_error',
    ],
    ['a body', { error: 'invalid_grant', id_token: 'GHI' }, 'error invalid_grant'],
    [
      'an issuer that differs',
      {
        attribute: 'issuer',
        expected: 'https://a.example/',
        body: { issuer: 'https://b.example', x: 'GHI' },
      },
      'issuer: found https://b.example, expected https://a.example/',
    ],
    [
      'a claim that is missing',
      { claim: 'iss', expected: 'https://a.example', claims: {} },
      'iss: found nothing, expected https://a.example',
    ],
    [
      'an audience',
      { claim: 'aud', expected: 'us', claims: { aud: ['x', 'y'] } },
      'aud: found ["x","y"], expected us',
    ],
    [
      'an expiry',
      { claim: 'exp', now: 200, tolerance: 30, claims: { exp: 100 } },
      'exp: found 100, our clock says 200',
    ],
    [
      'a nonce, by its name only',
      { claim: 'nonce', expected: 'JKL', claims: { nonce: 'MNO' } },
      'nonce differs or is missing',
    ],
    [
      'the issuer of a callback',
      {
        expected: 'https://a.example',
        parameters: new URLSearchParams({ iss: 'https://b.example', code: 'PQR' }),
      },
      'iss: found https://b.example, expected https://a.example',
    ],
    [
      'nothing of the state of a callback',
      { expected: 'STU', parameters: new URLSearchParams({ state: 'VWX' }) },
      '',
    ],
    [
      'the challenges of a resource',
      [{ scheme: 'bearer', parameters: { error: 'invalid_token', error_description: 'expired' } }],
      'error invalid_token, description expired',
    ],
    ['a text', 'connection reset', 'connection reset'],
    ['a number, by its type only', 7, 'number'],
  ] as const) {
    it(`describes a cause that is not an Error: ${what}`, () => {
      assert.equal(failed(cause), ['sign-in failed', ...(expected === '' ? [] : [expected])].join(': '))
    })
  }

  it('removes the sent secrets, also when URL-encoded', () => {
    const sent = 'gK7 +secret/0123'
    const body = { error: 'invalid_grant', error_description: `no ${sent}, no ${encodeURIComponent(sent)}` }
    const text = describeError(new Error('refused', { cause: body }), [sent, ''])
    assert.equal(text, 'refused: error invalid_grant, description no [secret], no [secret]')
  })

  it('removes the beginning of a sent secret when a long answer is cut inside it', () => {
    const sent = randomBytes(900).toString('base64')
    for (const before of ['the token ', 'x'.repeat(280)]) {
      for (const repeated of [sent, encodeURIComponent(sent)]) {
        const cause = { error: 'x', error_description: `${before}${repeated} is over` }
        const text = describeError(new Error('refused', { cause }), [sent])
        assert.ok(!text.includes(repeated.slice(0, 8)) && text.includes('[secret]'), text)
      }
    }
  })

  it('removes a token that an answer repeats', () => {
    assert.equal(
      failed(`bad token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl`),
      'sign-in failed: bad token [secret]',
    )
  })

  it('gives one line of bounded length for any answer', () => {
    const text = failed({ error: 'x', error_description: `a\nb\u0007${'c'.repeat(100_000)}` })
    assert.ok(text.length < 400 && !/\p{Cc}/u.test(text))
  })

  it('names an error without a message by its code', () => {
    assert.equal(
      failed(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })),
      'sign-in failed: ECONNREFUSED',
    )
  })
})
