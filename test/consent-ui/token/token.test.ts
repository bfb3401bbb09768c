import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { ask, encode, json } from '../support/answer.ts'
import { assertRefused, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

describe('The token endpoint', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  const formFor = (code: string): Record<string, string> => ({
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirectUri,
    code_verifier: client.verifier,
    client_id: client.id,
  })

  for (const grantType of [
    'password',
    'implicit',
    'client_credentials',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'Authorization_Code',
    '__proto__',
  ]) {
    it(`refuses the grant type ${grantType}`, async () => {
      const form = { grant_type: grantType, username: 'ada', password: 'x', assertion: 'x' }
      assertRefused(await client.token(form), 'unsupported_grant_type')
    })
  }

  it('names the missing parameter', async () => {
    for (const [form, name] of [
      [{}, 'grant_type'],
      [{ grant_type: 'authorization_code' }, 'code'],
      [{ grant_type: 'refresh_token' }, 'refresh_token'],
      [{ client_id: undefined, grant_type: 'refresh_token' }, 'client_id'],
    ] as const) {
      const answer = await client.token(form)
      assertRefused(answer, 'invalid_request')
      assert.equal(json(answer).error_description, `${name} is required`)
    }
  })

  it('returns 401 invalid_client for an unknown client, so that it registers again', async () => {
    for (const clientId of ['x', 'https://unknown.example/client', client.id.slice(1)]) {
      assertRefused(
        await client.token({ grant_type: 'refresh_token', client_id: clientId }),
        'invalid_client',
        401,
      )
    }
  })

  it('accepts only POST', async () => {
    const url = `${connect.origin}/auth/token`
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD']) {
      const response = await fetch(`${url}?${encode(formFor('x'))}`, { method })
      assert.equal(response.status, 405, method)
      assert.equal(response.headers.get('allow'), 'POST')
      assert.equal(response.headers.get('cache-control'), 'no-store')
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
      await response.body?.cancel()
    }
    const options = await fetch(url, { method: 'OPTIONS' })
    assert.deepEqual([options.status, options.headers.get('allow')], [204, 'POST'])
  })

  it('ignores the query', async () => {
    const code = await codeFor(connect, client)
    assertRefused(await connect.post(`/auth/token?${encode(formFor(code))}`, ''), 'invalid_request')
    tokensOf(await connect.post(`/auth/token?code=x&code=y&client_id=z`, formFor(code)))
  })

  for (const name of ['grant_type', 'code', 'client_id', 'redirect_uri', 'code_verifier', 'unknown']) {
    it(`refuses ${name} twice, and the code still works`, async () => {
      const code = await codeFor(connect, client)
      const form = { unknown: 'x', ...formFor(code) }
      assertRefused(await connect.post('/auth/token', `${encode(form)}&${name}=x`), 'invalid_request')
      tokensOf(await connect.post('/auth/token', form))
    })
  }

  it('accepts equal copies of resource, as Codex sends them', async () => {
    const resource = `resource=${encodeURIComponent(`${connect.origin}/mcp/platform/mcp`)}`
    const form = encode(formFor(await codeFor(connect, client)))
    tokensOf(await connect.post('/auth/token', `${form}&${resource}&${resource}`))
  })

  for (const type of [
    'application/x-www-form-urlencoded;charset=UTF-8',
    'Application/X-WWW-Form-URLEncoded',
  ]) {
    it(`accepts a form with the content type ${type}`, async () => {
      const form = formFor(await codeFor(connect, client))
      tokensOf(await connect.post('/auth/token', form, { 'content-type': type }))
    })
  }

  describe('refuses a body', () => {
    const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
      ask(`${connect.origin}/auth/token`, { method: 'POST', body, headers })

    for (const type of [
      'application/json',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencodedx',
      'application/x-www-form-urlencoded, application/json',
      'application',
      ';;;',
      '\u00ff/\u00ff',
    ]) {
      it(`of the type ${type}`, async () => {
        assertRefused(await send(encode(formFor('x')), { 'content-type': type }), 'invalid_request')
      })
    }

    it('that is missing', async () => {
      assertRefused(await send('', FORM), 'invalid_request')
      assertRefused(await send('', {}), 'invalid_request')
    })

    it('of a megabyte', async () => {
      assertRefused(await send(`x=${'x'.repeat(1_000_000)}`, FORM), 'invalid_request', 413)
    })

    it('of a megabyte without Content-Length', async () => {
      const parts = Array.from({ length: 16 }, () => new Uint8Array(65_536).fill(0x61))
      const request = {
        method: 'POST',
        headers: FORM,
        body: ReadableStream.from(parts),
        duplex: 'half',
      } as const
      assertRefused(await ask(`${connect.origin}/auth/token`, request), 'invalid_request', 413)
    })

    it('that is compressed, or only claims to be', async () => {
      for (const body of [gzipSync(encode(formFor('x'))), Buffer.from('x')]) {
        const answer = await send(new Uint8Array(body), { ...FORM, 'content-encoding': 'gzip' })
        assertRefused(answer, 'invalid_request', 415)
      }
    })

    it('with invalid UTF-8 or percent-encoding', async () => {
      for (const body of [
        new Uint8Array([0xff, 0xfe, 0x00, 0x3d, 0x80]),
        '%',
        '%zz=%',
        '=&=&&',
        '\u0000=\u0000',
      ]) {
        assertRefused(await send(body, FORM), 'invalid_request')
      }
    })

    it('with thousands of parameters', async () => {
      const many = Array.from({ length: 5000 }, (_, index) => `p${index}=x`).join('&')
      assertRefused(await send(many, FORM), 'invalid_request')
    })

    it('with lists and objects, as some form libraries read them', async () => {
      for (const name of ['code[]', 'code[0]', 'code[a][b]', 'code.a']) {
        const { code, ...others } = formFor('x')
        const answer = await send(encode({ ...others, [name]: code }), FORM)
        assertRefused(answer, 'invalid_request')
      }
    })
  })

  it('ignores Authorization headers that users add to every request of a client', async () => {
    for (const authorization of ['Bearer x', 'Basics x', 'x'.repeat(5000)]) {
      const form = formFor(await codeFor(connect, client))
      tokensOf(await connect.post('/auth/token', form, { authorization }))
    }
  })

  it('sets no CORS headers, which Envoy does', async () => {
    const answer = await connect.post('/auth/token', formFor('x'), { origin: 'https://evil.example' })
    assertRefused(answer, 'invalid_grant')
    assert.equal(answer.headers.get('access-control-allow-origin'), null)
  })
})
