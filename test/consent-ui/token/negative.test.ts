import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { ask, encode, json, type Answer } from '../support/answer.ts'
import { assertRefused, tokensOf, type Changes, type Tokens } from '../support/client.ts'
import { basic, confidentialClient } from '../support/confidential-client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { atOnce } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

const AFTER_THE_GRACE_SECONDS = 125
const PARALLEL = 10

/** Sources: RFC 9700 and the checks of OAuth scanners. */
describe('The token endpoint refuses', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  /** Asserts that a code is refused and stays valid. */
  async function assertCodeRefused(changes: Changes, error: string, by = client): Promise<void> {
    const code = await codeFor(connect, client)
    assertRefused(await by.redeem(code, changes), error)
    tokensOf(await client.redeem(code))
  }

  it('negative test, token: code with another client', async () => {
    await assertCodeRefused({}, 'invalid_grant', await connect.client(client.redirectUri, 'Another'))
  })

  it('negative test, token: code with another redirect URI', async () => {
    await assertCodeRefused({ redirect_uri: 'http://localhost:33418/other' }, 'invalid_grant')
  })

  it('negative test, token: wrong verifier', async () => {
    await assertCodeRefused({ code_verifier: 'x'.repeat(43) }, 'invalid_grant')
  })

  it('negative test, token: missing verifier', async () => {
    await assertCodeRefused({ code_verifier: undefined }, 'invalid_request')
  })

  it('negative test, token: challenge as verifier', async () => {
    const challenge = hash('sha256', client.verifier, 'base64url')
    await assertCodeRefused({ code_verifier: challenge }, 'invalid_grant')
  })

  it('negative test, token: expired code', async () => {
    const code = await codeFor(connect, client)
    await connect.passTime(60)
    assertRefused(await client.redeem(code), 'invalid_grant')
  })

  it('negative test, token: refresh replay after the grace', async () => {
    const first = await tokensFor(connect, client)
    const second = tokensOf(await client.refresh(first.refresh_token))
    const third = tokensOf(await client.refresh(second.refresh_token))
    await connect.passTime(AFTER_THE_GRACE_SECONDS)
    for (const { refresh_token: token } of [first, second]) {
      assertRefused(await client.refresh(token), 'invalid_grant')
    }
    tokensOf(await client.refresh(third.refresh_token))
  })

  it('negative test, token: scope widened at refresh', async () => {
    const { refresh_token: token } = await tokensFor(connect, client)
    for (const scope of ['admin', 'platform admin', 'platform offline_access', '*']) {
      const answer = await client.refresh(token, { scope })
      assert.equal(decodeJwt(tokensOf(answer).access_token).scope, 'platform', scope)
      assert.equal(json(answer).scope, 'platform', scope)
    }
  })

  it('negative test, token: resource switched at refresh', async () => {
    const { refresh_token: token } = await tokensFor(connect, client)
    for (const resource of ['https://evil.example/mcp', connect.origin, `${connect.origin}/mcp/other`]) {
      assertRefused(await client.refresh(token, { resource }), 'invalid_target')
    }
    tokensOf(await client.refresh(token))
  })

  it('negative test, token: password, implicit and client_credentials grants', async () => {
    for (const grant of ['password', 'implicit', 'client_credentials', 'token', 'hybrid']) {
      const form = { grant_type: grant, username: 'ada', password: 'x', scope: 'platform' }
      assertRefused(await client.token(form), 'unsupported_grant_type')
    }
  })

  it('negative test, token: duplicate parameters', async () => {
    const form = formOf(await codeFor(connect, client))
    for (const name of Object.keys(form)) {
      const twice = `${encode(form)}&${encode({ [name]: form[name] })}`
      assertRefused(await connect.post('/auth/token', twice), 'invalid_request')
    }
    tokensOf(await connect.post('/auth/token', form))
  })

  it('negative test, token: GET', async () => {
    const form = formOf(await codeFor(connect, client))
    assertRefused(await connect.get(`/auth/token?${encode(form)}`), 'invalid_request', 405)
    tokensOf(await connect.post('/auth/token', form))
  })

  it('negative test, token: secret in the query', async () => {
    const { id, secret, front } = await confidentialClient(connect, 'client_secret_post')
    const form = { ...formOf(await codeFor(connect, front)), client_id: id, redirect_uri: front.redirectUri }
    const inQuery = encode({ client_id: id, client_secret: secret })
    assertRefused(await connect.post(`/auth/token?${inQuery}`, form), 'invalid_client', 401)
    tokensOf(await connect.post('/auth/token', { ...form, client_secret: secret }))
  })

  function formOf(code: string): Record<string, string> {
    const { id, redirectUri, verifier } = client
    return {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      client_id: id,
    }
  }
})

describe('The token endpoint', () => {
  let first: Tokens

  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  beforeEach(async () => {
    first = await tokensFor(connect, client)
  })

  it('negative test, token: refresh replay inside the grace: returns the same successor', async () => {
    const next = tokensOf(await client.refresh(first.refresh_token))
    await connect.passTime(115)
    assert.equal(tokensOf(await client.refresh(first.refresh_token)).refresh_token, next.refresh_token)
  })

  it('negative test, token: parallel refresh: returns the same successor to every request, and it works', async () => {
    const answers = await atOnce(connect.redis, PARALLEL, () => client.refresh(first.refresh_token))
    const [successor = '', ...others] = new Set(answers.map((answer) => tokensOf(answer).refresh_token))
    assert.deepEqual(others, [])
    tokensOf(await client.refresh(successor))
  })

  it('negative test, token: no-store on every answer: sets Cache-Control, also on errors', async () => {
    const url = `${connect.origin}/auth/token`
    const { id, secret } = await confidentialClient(connect, 'client_secret_basic')
    const answers: Answer[] = [
      await client.refresh(first.refresh_token),
      await client.refresh('x'),
      await client.redeem('x'),
      await client.token({}),
      await client.token({ client_id: 'x' }),
      await client.token({ grant_type: 'password' }),
      await client.revoke(first.access_token),
      await client.revoke('x'),
      await connect.post('/auth/token', 'x', { 'content-type': 'text/plain' }),
      await connect.post('/auth/token', 'x'.repeat(1_000_000)),
      await connect.post('/auth/token', '', basic(id, secret)),
      await connect.post('/auth/token', '', basic(id, 'x')),
    ]
    for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      answers.push(await ask(url, { method }))
    }
    for (const { status, text, headers } of answers) {
      assert.ok(status < 500, text)
      assert.equal(headers.get('cache-control'), 'no-store', `${status} ${text}`)
    }
  })
})
