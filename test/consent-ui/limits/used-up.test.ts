import assert from 'node:assert/strict'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import { json, type Answer, type HeaderFields } from '../support/answer.ts'
import { assertRefused, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { tokensFor } from '../support/person.ts'
import { keysAddedBy } from '../support/store.ts'
import { assertTooMany, REDIRECT_URI, newCaller, times } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

const MAX_FAILURES = 3

describe('An address that has reached the limit of failures', () => {
  let privateKey: CryptoKey
  let clientId: string
  let assertions = 0

  const connect = beforeAll(() =>
    startConnect({ settings: { RATE_LIMIT_TOKEN_FAILURES: `${MAX_FAILURES}/60` } }),
  )

  before(async () => {
    const pair = await generateKeyPair('ES256')
    privateKey = pair.privateKey
    const answer = await connect.register({
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one' }] },
    })
    clientId = String(json(answer).client_id)
  })

  async function assertion(): Promise<string> {
    assertions += 1
    const [iat, jti] = [connect.now(), `jti-${assertions}`]
    const claims = { iss: clientId, sub: clientId, aud: connect.origin, jti, iat, exp: iat + 60 }
    return await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'one' }).sign(privateKey)
  }

  for (const [path, form] of [
    ['/auth/token', { grant_type: 'refresh_token', refresh_token: 'made-up' }],
    ['/auth/token', { grant_type: 'authorization_code', code: 'made-up' }],
    ['/auth/revoke', { token: 'made-up' }],
  ] as const) {
    it(`is refused before its client assertion is read: ${Object.keys(form).join(', ')} at ${path}`, async () => {
      const headers = newCaller()
      const ask = async (from: HeaderFields): Promise<Answer> => {
        const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
        const shown = { client_assertion_type, client_assertion: await assertion() }
        return await connect.post(path, { ...form, ...shown, client_id: clientId }, from)
      }
      const used = async (from: HeaderFields): Promise<boolean> => {
        const added = await keysAddedBy(connect.redis, async () => {
          await ask(from)
        })
        return added.some((key) => key.startsWith('connect:assertion:'))
      }
      assert.ok(await used(headers), 'an accepted assertion is stored as used')
      // Codes have a count of their own.
      await times(MAX_FAILURES, () =>
        connect.post('/auth/token', { grant_type: 'refresh_token', client_id: 'x' }, headers),
      )
      assert.ok(!(await used(headers)))
      assertTooMany(await ask(headers))
      assert.ok(await used(newCaller()))
    })
  }

  it('gets 429 for made-up tokens at the revocation endpoint, where valid tokens still end their session', async () => {
    const headers = newCaller()
    const client = await connect.client()
    const sessions = await Promise.all([1, 2, 3].map(() => tokensFor(connect, client)))
    const [one, other, third] = sessions
    assert.ok(one !== undefined && other !== undefined && third !== undefined)
    const ask = (token: string): Promise<Answer> =>
      connect.post('/auth/revoke', { token, client_id: client.id }, headers)
    const madeUp = third.refresh_token.replace(/[^.]{43}$/, 'A'.repeat(43))
    assert.deepEqual(await times(MAX_FAILURES + 1, () => ask(madeUp)), [200, 200, 200, 429])
    assert.equal((await ask(one.refresh_token)).status, 200)
    assert.equal((await ask(other.access_token)).status, 200)
    for (const ended of [one, other]) {
      assertRefused(await client.refresh(ended.refresh_token), 'invalid_grant')
    }
    tokensOf(await client.refresh(third.refresh_token))
  })
})
