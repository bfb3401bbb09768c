import assert from 'node:assert/strict'
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose'
import { TokenVerifier } from '../../authz/token-verifier.ts'
import { AUDIENCE, createSigner, NOW, NOW_MS, openSession, ORIGIN, type Signer } from './support/evidence.ts'

describe('TokenVerifier', () => {
  const opening = openSession()
  const waiting = { ended: false }
  let signer: Signer
  let token: string
  let verifications: number
  let nowMs: number
  let verifier: TokenVerifier

  before(async () => {
    signer = await createSigner()
    token = await signer.sign(opening)
  })

  beforeEach(() => {
    verifications = 0
    nowMs = NOW_MS
    const keys = createLocalJWKSet(signer.jwks)
    const counted: JWTVerifyGetKey = (...input) => {
      verifications += 1
      return keys(...input)
    }
    verifier = new TokenVerifier(ORIGIN, counted, () => nowMs)
  })

  it('verifies a token once', async () => {
    const first = await verifier.verify(token, AUDIENCE, waiting)
    assert.ok(first.ok)
    assert.deepEqual(await verifier.verify(token, AUDIENCE, waiting), first)
    assert.equal(verifications, 1)
  })

  it('refuses a remembered token from the second on in which it expires', async () => {
    await verifier.verify(token, AUDIENCE, waiting)
    nowMs = (NOW + 3600) * 1000 - 1
    assert.ok((await verifier.verify(token, AUDIENCE, waiting)).ok)
    nowMs += 1
    assert.deepEqual(await verifier.verify(token, AUDIENCE, waiting), { ok: false, fault: 'expired' })
    assert.equal(verifications, 1)
  })

  it('remembers it for its audience alone', async () => {
    await verifier.verify(token, AUDIENCE, waiting)
    const elsewhere = await verifier.verify(token, `${ORIGIN}/files`, waiting)
    assert.deepEqual(elsewhere, { ok: false, fault: 'wrong_audience' })
  })

  it('does not remember what is not genuine', async () => {
    const stranger = await createSigner()
    const forged = await stranger.sign(opening)
    for (const count of [1, 2]) {
      const verified = await verifier.verify(forged, AUDIENCE, waiting)
      assert.deepEqual(verified, { ok: false, fault: 'bad_signature' })
      assert.equal(verifications, count)
    }
  })

  it('remembers nothing for a caller that has gone', async () => {
    await verifier.verify(token, AUDIENCE, { ended: true })
    await verifier.verify(token, AUDIENCE, waiting)
    assert.equal(verifications, 2)
  })
})
