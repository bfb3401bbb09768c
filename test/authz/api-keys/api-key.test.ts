import assert from 'node:assert/strict'
import { hasKeyShape, isApiKey, keyFingerprint } from '../../../authz/api-keys/api-key.ts'

/** Of the length and alphabet that Quilt's documentation shows. */
const KEY = `qk_${'abcdefghij0123456789'.repeat(2)}klmnopqrst98`

describe('An API key', () => {
  it('is recognized by its prefix only', () => {
    for (const credential of [KEY, 'qk_', 'qk_x']) assert.ok(isApiKey(credential), credential)
    for (const credential of ['', 'qk', 'QK_abc', `x${KEY}`, `eyJ.${KEY}`])
      assert.ok(!isApiKey(credential), credential)
  })

  const shapes: [what: string, key: string, fits: boolean][] = [
    ['as it is documented', KEY, true],
    ['of every character of a bearer token', 'qk_AZaz09-._~+/AZaz09-._~+/==', true],
    ['of 20 characters', `qk_${'a'.repeat(20)}`, true],
    ['of 256 characters with its prefix', `qk_${'a'.repeat(253)}`, true],
    ['of 257 characters', `qk_${'a'.repeat(254)}`, false],
    ['that ends in any number of =', `qk_${'a'.repeat(20)}${'='.repeat(300)}`, false],
    ['of 19 characters', `qk_${'a'.repeat(19)}`, false],
    ['of the prefix alone', 'qk_', false],
    ['with = in it', `qk_${'a'.repeat(20)}=a`, false],
    ['with a line end', `${KEY}\n`, false],
    ['with a space', `${KEY} ${KEY}`, false],
    ['with another alphabet', `${KEY}é`, false],
    ['with a quote', `${KEY}"`, false],
  ]
  for (const [what, key, fits] of shapes) {
    it(`${fits ? 'has' : 'does not have'} the shape ${what}`, () => assert.equal(hasKeyShape(key), fits))
  }

  it('has a fingerprint as in Quilt’s audit log: three characters at each end', () => {
    assert.equal(keyFingerprint(KEY), 'qk_abc...t98')
  })
})
