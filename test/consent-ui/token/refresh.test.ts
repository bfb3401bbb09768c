import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { json } from '../support/answer.ts'
import { assertRefused, tokensOf, type Tokens } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { tokensFor } from '../support/person.ts'
import { atOnce } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('A refresh', () => {
  let first: Tokens

  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  beforeEach(async () => {
    first = await tokensFor(connect, client)
  })

  async function refreshed(token: string): Promise<Tokens> {
    return tokensOf(await client.refresh(token))
  }

  it('returns a new access token and the next refresh token of the same session', async () => {
    const answer = await client.refresh(first.refresh_token)
    const next = tokensOf(answer)
    const [before, after] = [decodeJwt(first.access_token), decodeJwt(next.access_token)]
    assert.notEqual(next.refresh_token, first.refresh_token)
    assert.notEqual(after.jti, before.jti)
    for (const claim of ['iss', 'aud', 'sub', 'client_id', 'scope', 'sid', 'k']) {
      assert.equal(after[claim], before[claim], claim)
    }
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const { token_type: type, expires_in: seconds, scope } = json(answer)
    assert.deepEqual([type, seconds, scope], ['Bearer', 3600, 'platform'])
  })

  it('works again with each next token', async () => {
    let tokens = first
    const seen = new Set([first.refresh_token])
    for (let round = 0; round < 20; round += 1) {
      tokens = await refreshed(tokens.refresh_token)
      seen.add(tokens.refresh_token)
    }
    assert.equal(seen.size, 21)
  })

  it('returns the same successor again within two minutes, with a new access token', async () => {
    const one = await refreshed(first.refresh_token)
    await connect.passTime(115)
    const other = await refreshed(first.refresh_token)
    assert.equal(other.refresh_token, one.refresh_token)
    assert.notEqual(decodeJwt(other.access_token).jti, decodeJwt(one.access_token).jti)
    assert.equal(Number(decodeJwt(other.access_token).exp) - connect.now(), 3600)
    assert.notEqual((await refreshed(one.refresh_token)).refresh_token, one.refresh_token)
  })

  it('returns the same working successor to ten parallel requests', async () => {
    const all = await atOnce(connect.redis, 10, () => refreshed(first.refresh_token))
    assert.equal(new Set(all.map((tokens) => tokens.refresh_token)).size, 1)
    assert.equal(new Set(all.map((tokens) => decodeJwt(tokens.access_token).jti)).size, 10)
    await refreshed(all[0]?.refresh_token ?? '')
  })

  it('with an exchanged token is refused after two minutes, and the session goes on', async () => {
    const next = await refreshed(first.refresh_token)
    await connect.passTime(125)
    assertRefused(await client.refresh(first.refresh_token), 'invalid_grant')
    await refreshed(next.refresh_token)
  })

  it('with an older token returns its own successor within two minutes', async () => {
    const second = await refreshed(first.refresh_token)
    await refreshed((await refreshed(second.refresh_token)).refresh_token)
    assert.equal((await refreshed(first.refresh_token)).refresh_token, second.refresh_token)
  })

  it('with an older token is refused after two minutes, and the session goes on', async () => {
    const second = await refreshed(first.refresh_token)
    const third = await refreshed(second.refresh_token)
    await connect.passTime(125)
    assertRefused(await client.refresh(first.refresh_token), 'invalid_grant')
    await refreshed(third.refresh_token)
  })

  it('returns the same successor after the operator made another sealing key current', async () => {
    connect.rotateSealingKeys()
    const next = await refreshed(first.refresh_token)
    connect.rotateSealingKeys()
    assert.equal((await refreshed(first.refresh_token)).refresh_token, next.refresh_token)
    await refreshed(next.refresh_token)
  })

  describe('is refused and rotates nothing', () => {
    /** Asserts that the first token is still current. */
    afterEach('the token still works', async () => {
      const next = await refreshed(first.refresh_token)
      await connect.passTime(125)
      await refreshed(next.refresh_token)
    })

    it('for another client', async () => {
      const other = await connect.client(client.redirectUri, 'Another')
      assertRefused(await other.refresh(first.refresh_token), 'invalid_grant')
    })

    for (const resource of ['https://evil.example/mcp', 'x']) {
      it(`for the resource ${resource}`, async () => {
        assertRefused(await client.refresh(first.refresh_token, { resource }), 'invalid_target')
      })
    }

    it('with a changed secret, share or generation', async () => {
      const [version, session, generation, secret, share] = first.refresh_token.split('.')
      const x = 'A'.repeat(43)
      for (const token of [
        [version, session, generation, x, share],
        [version, session, generation, secret, x],
        [version, session, '2', secret, share],
        [version, x, generation, secret, share],
      ]) {
        assertRefused(await client.refresh(token.join('.')), 'invalid_grant')
      }
    })

    it('with an access token instead of a refresh token', async () => {
      assertRefused(await client.refresh(first.access_token), 'invalid_grant')
    })

    it('by an unknown client', async () => {
      assertRefused(await client.refresh(first.refresh_token, { client_id: 'x' }), 'invalid_client', 401)
    })
  })

  for (const [what, changes] of Object.entries({
    'no scope and no resource, as Claude does': {},
    'the scope that it has': { scope: 'platform' },
    offline_access: { scope: 'platform offline_access' },
    'all scopes that the metadata lists': { scope: 'platform files offline_access' },
    'scopes of other systems': { scope: 'openid profile email mcp:tools' },
    'a resource of its own': { resource: '/mcp/platform/mcp' },
  })) {
    it(`accepts ${what}`, async () => {
      const { resource, ...others }: { resource?: string; scope?: string } = changes
      const full = resource === undefined ? others : { ...others, resource: connect.origin + resource }
      const answer = await client.refresh(first.refresh_token, full)
      assert.equal(decodeJwt(tokensOf(answer).access_token).scope, 'platform')
      assert.equal(json(answer).scope, 'platform')
    })
  }

  it('is refused once the session was revoked', async () => {
    const next = await refreshed(first.refresh_token)
    await client.revoke(next.refresh_token)
    for (const token of [first, next])
      assertRefused(await client.refresh(token.refresh_token), 'invalid_grant')
  })

  for (const token of ['', 'x', 'qcr1....', 'qcr1.*.1.x.y', 'null']) {
    it(`is refused for ${JSON.stringify(token)}`, async () => {
      assertRefused(await client.refresh(token), token === '' ? 'invalid_request' : 'invalid_grant')
    })
  }
})
