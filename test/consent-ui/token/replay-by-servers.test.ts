import assert from 'node:assert/strict'
import { assertRefused, tokensOf } from '../support/client.ts'
import { confidentialClient } from '../support/confidential-client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor } from '../support/person.ts'

const HOME = '192.0.2.17'
const ELSEWHERE = '198.51.100.4'
const HOUR_SECONDS = 3600

describe("Claude's servers, which refresh from several addresses", () => {
  /** Two addresses of 160.79.104.0/21 in different /24 networks. */
  const ADDRESSES = ['160.79.105.10', '160.79.110.200']

  it('are one network: parallel and late refreshes return the same tokens', async () => {
    const connect = await startConnect()
    const client = await connect.client('https://claude.ai/api/mcp/auth_callback', 'Claude')
    const [one, other] = ADDRESSES.map((address) => client.from(address))
    assert.ok(one !== undefined && other !== undefined)
    const first = tokensOf(await one.redeem(await codeFor(connect, one)))
    await connect.redis.client('PAUSE', 100)
    const answers = await Promise.all([one, other].map((server) => server.refresh(first.refresh_token)))
    const [here, there] = answers.map(tokensOf)
    assert.equal(here?.refresh_token, there?.refresh_token)
    await connect.passTime(HOUR_SECONDS)
    assert.equal(tokensOf(await other.refresh(first.refresh_token)).refresh_token, here?.refresh_token)
    const next = tokensOf(await other.refresh(here?.refresh_token ?? ''))
    await connect.passTime(HOUR_SECONDS)
    assertRefused(await client.from(ELSEWHERE).refresh(here?.refresh_token ?? ''), 'invalid_grant')
    tokensOf(await one.refresh(next.refresh_token))
  })
})

describe('A confidential client', () => {
  it('gets the same tokens again from any network, and its stale copies end nothing', async () => {
    const connect = await startConnect()
    const { id, secret, front } = await confidentialClient(connect, 'client_secret_post')
    const from = (address: string) => ({
      client: front.from(address),
      proof: { client_id: id, client_secret: secret },
    })
    const [here, there] = [from(HOME), from(ELSEWHERE)]
    const first = tokensOf(await here.client.redeem(await codeFor(connect, front), here.proof))
    const second = tokensOf(await here.client.refresh(first.refresh_token, here.proof))
    await connect.passTime(HOUR_SECONDS)
    const again = tokensOf(await there.client.refresh(first.refresh_token, there.proof))
    assert.equal(again.refresh_token, second.refresh_token)
    const third = tokensOf(await here.client.refresh(second.refresh_token, here.proof))
    await connect.passTime(HOUR_SECONDS)
    assertRefused(await there.client.refresh(first.refresh_token, there.proof), 'invalid_grant')
    assertRefused(await there.client.refresh(first.refresh_token), 'invalid_client', 401)
    tokensOf(await here.client.refresh(third.refresh_token, here.proof))
  })
})
