import assert from 'node:assert/strict'
import { assertRefused, tokensOf, type Changes } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor } from '../support/person.ts'
import { atOnce, dump } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

/** Longer than a retry of a client or proxy, shorter than the life of a code. */
const A_MOMENT_SECONDS = 15

describe('An authorization code', () => {
  let code: string

  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  beforeEach(async () => {
    connect.lines.length = 0
    code = await codeFor(connect, client)
  })

  function alarms(): number {
    return connect.lines.filter((line) => line.includes('"alarm":"replay"')).length
  }

  it('T03: is redeemed by exactly one of 100 parallel requests', async () => {
    const answers = await atOnce(connect.redis, 100, () => client.redeem(code))
    const [winner, ...others] = answers.filter(({ status }) => status === 200)
    assert.ok(winner !== undefined && others.length === 0)
    tokensOf(await client.refresh(tokensOf(winner).refresh_token))
    assert.equal(alarms(), 0, 'a race is no replay')
  })

  for (const seconds of [A_MOMENT_SECONDS, 55, 300, 580]) {
    it(`T03: ends its session if it is used again ${seconds} seconds later`, async () => {
      const tokens = tokensOf(await client.redeem(code))
      const next = tokensOf(await client.refresh(tokens.refresh_token))
      await connect.passTime(seconds)
      assertRefused(await client.redeem(code), 'invalid_grant')
      for (const { refresh_token: token } of [tokens, next]) {
        assertRefused(await client.refresh(token), 'invalid_grant')
      }
      assert.equal(alarms(), 1)
    })
  }

  it('negative test, token: code reuse: gives invalid_grant, and the tokens from it are revoked', async () => {
    const { access_token: token } = tokensOf(await client.redeem(code))
    await connect.passTime(A_MOMENT_SECONDS)
    assertRefused(await client.redeem(code), 'invalid_grant')
    const [, payload = ''] = token.split('.')
    const { sid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sid: string }
    assert.equal(await connect.redis.exists(`connect:{${sid}}:session`), 0)
    assertRefused(await client.redeem(code), 'invalid_grant')
    assert.equal(alarms(), 1, 'what has ended ends once')
  })

  it('ends nothing if a proxy resends it at once', async () => {
    const tokens = tokensOf(await client.redeem(code))
    await connect.passTime(5)
    assertRefused(await client.redeem(code), 'invalid_grant')
    tokensOf(await client.refresh(tokens.refresh_token))
    assert.equal(alarms(), 0)
  })

  describe('T04: does not end its session if it is used again with', () => {
    const refusals: readonly [string, Changes, string, number?][] = [
      ['another verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
      ['no verifier', { code_verifier: undefined }, 'invalid_request'],
      ['another redirect URI', { redirect_uri: 'http://localhost:33418/other' }, 'invalid_grant'],
      ['another resource', { resource: 'https://evil.example/mcp' }, 'invalid_target'],
      ['an unknown client', { client_id: 'x' }, 'invalid_client', 401],
    ]
    for (const [what, changes, error, status] of refusals) {
      it(`T04: ${what}`, async () => {
        const tokens = tokensOf(await client.redeem(code))
        await connect.passTime(A_MOMENT_SECONDS)
        assertRefused(await client.redeem(code, changes), error, status)
        tokensOf(await client.refresh(tokens.refresh_token))
        assert.equal(alarms(), 0)
      })
    }

    it('T04: is refused to another client of the same application, and its session lives on', async () => {
      const tokens = tokensOf(await client.redeem(code))
      await connect.passTime(A_MOMENT_SECONDS)
      const other = await connect.client(client.redirectUri, 'Another')
      assertRefused(await other.redeem(code), 'invalid_grant')
      tokensOf(await client.refresh(tokens.refresh_token))
    })

    it('T04: is refused with another secret, and its session lives on', async () => {
      const tokens = tokensOf(await client.redeem(code))
      await connect.passTime(A_MOMENT_SECONDS)
      const [session = ''] = code.split('.')
      assertRefused(await client.redeem(`${session}.${'A'.repeat(43)}`), 'invalid_grant')
      tokensOf(await client.refresh(tokens.refresh_token))
    })
  })

  it('T05: is not consumed by an invalid resource, nor is a refresh token rotated by one', async () => {
    const resource = 'https://connect.example/other'
    assertRefused(await client.redeem(code, { resource }), 'invalid_target')
    const tokens = tokensOf(await client.redeem(code))
    assertRefused(await client.refresh(tokens.refresh_token, { resource }), 'invalid_target')
    const next = tokensOf(await client.refresh(tokens.refresh_token))
    assert.equal(next.refresh_token.split('.')[2], '2')
  })

  it('T12: lives for a minute, and a used code is remembered for ten', async () => {
    const ttl = async (): Promise<number> => {
      const [session = ''] = code.split('.')
      const [key = ''] = await connect.redis.keys(`connect:{${session}}:code:*`)
      return await connect.redis.ttl(key)
    }
    const unused = await ttl()
    assert.ok(unused > 50 && unused <= 60, String(unused))
    tokensOf(await client.redeem(code))
    const used = await ttl()
    assert.ok(used > 590 && used <= 600, String(used))
  })

  it('T12: is in no key and no value of Redis, nor is any token', async () => {
    const tokens = tokensOf(await client.redeem(code))
    const next = tokensOf(await client.refresh(tokens.refresh_token))
    const everything = await dump(connect.redis)
    const secrets = [code, tokens, next].flatMap((given) =>
      typeof given === 'string' ? [given.split('.')[1]] : secretsOf(given),
    )
    for (const secret of secrets) assert.ok(!everything.includes(secret ?? 'x'))
  })
})

/** The secret parts: a refresh token's secret and share, an access token's payload and signature. */
function secretsOf(tokens: { access_token: string; refresh_token: string }): (string | undefined)[] {
  return [...tokens.refresh_token.split('.').slice(3), ...tokens.access_token.split('.').slice(1)]
}
