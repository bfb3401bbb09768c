import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { assertRefused, tokensOf, type Tokens } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { tokensFor } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('Revocation', () => {
  let tokens: Tokens

  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  beforeEach(async () => {
    tokens = await tokensFor(connect, client, { person: ADA })
  })

  /** Every case has the same answer (RFC 7009 section 2.2). */
  async function revoke(token: string, by = client): Promise<void> {
    const answer = await by.revoke(token)
    assert.equal(answer.status, 200, answer.text)
    assert.equal(answer.text, '')
    assert.equal(answer.headers.get('cache-control'), 'no-store')
  }

  async function assertEnded(): Promise<void> {
    assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
    assert.equal(await sessionRecord(tokens), null)
  }

  async function assertLives(): Promise<void> {
    tokensOf(await client.refresh(tokens.refresh_token))
  }

  async function sessionRecord({ refresh_token: token }: Tokens): Promise<string | null> {
    return await connect.redis.hget(`connect:{${token.split('.')[1] ?? ''}}:session`, 'record')
  }

  it('of the refresh token ends the session', async () => {
    await revoke(tokens.refresh_token)
    await assertEnded()
  })

  it('of the access token ends the session', async () => {
    await revoke(tokens.access_token)
    await assertEnded()
  })

  it('of a refresh token that was just exchanged ends the session', async () => {
    tokensOf(await client.refresh(tokens.refresh_token))
    await revoke(tokens.refresh_token)
    await assertEnded()
  })

  it('of a refresh token that was exchanged long ago ends the session', async () => {
    let current = tokens
    for (let round = 0; round < 3; round += 1) {
      current = tokensOf(await client.refresh(current.refresh_token))
      await connect.passTime(600)
    }
    await revoke(tokens.refresh_token)
    assertRefused(await client.refresh(current.refresh_token), 'invalid_grant')
    await assertEnded()
  })

  it('works with a wrong hint', async () => {
    const answer = await client.revoke(tokens.refresh_token, { token_type_hint: 'access_token' })
    assert.equal(answer.status, 200)
    await assertEnded()
  })

  it('works twice', async () => {
    await revoke(tokens.refresh_token)
    await revoke(tokens.refresh_token)
    await assertEnded()
  })

  it('ends no other session of the same user and client', async () => {
    const other = await tokensFor(connect, client)
    await revoke(other.refresh_token)
    await assertLives()
  })

  it("of another client's tokens changes nothing", async () => {
    const other = await connect.client(client.redirectUri, 'Another')
    await revoke(tokens.refresh_token, other)
    await revoke(tokens.access_token, other)
    await assertLives()
  })

  it('of a made-up token changes nothing', async () => {
    const [version, session, generation, , share] = tokens.refresh_token.split('.')
    const [header, payload] = tokens.access_token.split('.')
    const unsigned = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
    for (const token of [
      'x',
      '*',
      'a.b.c',
      [version, session, generation, 'A'.repeat(43), share].join('.'),
      [header, payload, 'A'.repeat(86)].join('.'),
      [unsigned, payload, ''].join('.'),
      'x'.repeat(10_000),
    ]) {
      await revoke(token)
    }
    await assertLives()
  })

  it('of an expired access token changes nothing', async () => {
    await connect.passTime(3600)
    await revoke(tokens.access_token)
    await assertLives()
  })

  it('is refused without a token and for an unknown client', async () => {
    assertRefused(await client.revoke(''), 'invalid_request')
    assertRefused(await client.revoke(tokens.refresh_token, { client_id: undefined }), 'invalid_request')
    assertRefused(await client.revoke(tokens.refresh_token, { client_id: 'x' }), 'invalid_client', 401)
    await assertLives()
  })
})
