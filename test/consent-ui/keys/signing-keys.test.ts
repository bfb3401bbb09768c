import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { compactVerify, CompactSign, importJWK } from 'jose'
import { publicKeySet, signingKey } from '../../../consent-ui/keys/signing-keys.ts'
import { keyRing } from '../../../core/keys/keys.ts'
import { as, operatorKey, ringOf } from '../support/keys.ts'

describe('The signing keys', () => {
  const key = operatorKey('2026-11')
  const ring = ringOf(key)

  it('make signatures that the published key verifies', async () => {
    const { kid, privateKey } = signingKey(ring)
    const [jwk] = publicKeySet(ring).keys
    assert.ok(jwk)
    const signed = await new CompactSign(Buffer.from('text'))
      .setProtectedHeader({ alg: 'ES256', kid })
      .sign(privateKey)
    const { payload } = await compactVerify(signed, await importJWK({ ...jwk }))
    assert.equal(Buffer.from(payload).toString(), 'text')
    assert.equal(jwk.kid, kid)
  })

  it('are P-256 keys, published without the private part', () => {
    const keys = Array.from({ length: 50 }, () => publicKeySet(ringOf(operatorKey('k'))).keys).flat()
    for (const jwk of keys) {
      assert.deepEqual(Object.keys(jwk), ['kty', 'crv', 'alg', 'use', 'kid', 'x', 'y'])
      const { x, y } = jwk
      assert.equal(
        createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' }).asymmetricKeyType,
        'ec',
      )
    }
    assert.equal(new Set(keys.map(({ x }) => x)).size, keys.length)
  })

  it('are the same in every process with the same settings', () => {
    assert.deepEqual(publicKeySet(ringOf({ ...key })), publicKeySet(ring))
  })

  it('differ by host, key id and secret', () => {
    const [jwk] = publicKeySet(ring).keys
    const others = [
      publicKeySet(keyRing('https://connect.other', [key])),
      publicKeySet(ringOf({ ...key, id: '2026-12' })),
      publicKeySet(ringOf(operatorKey('2026-11'))),
    ]
    for (const { keys } of others) assert.notEqual(keys[0]?.x, jwk?.x)
  })

  it('are published while accepted, and only the current one signs', () => {
    const next = operatorKey('2026-12')
    const rotated = ringOf(as('accept', key), next)
    assert.deepEqual(
      publicKeySet(rotated).keys.map(({ kid }) => kid),
      ['2026-11', '2026-12'],
    )
    assert.equal(signingKey(rotated).kid, '2026-12')
    assert.deepEqual(
      publicKeySet(ringOf(as('registrations', key), next)).keys.map(({ kid }) => kid),
      ['2026-12'],
    )
  })
})
