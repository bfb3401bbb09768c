import assert from 'node:assert/strict'
import fc from 'fast-check'
import { equalSecrets, randomSecret, sha256 } from '../../../core/keys/hash.ts'
import { anyText } from '../../support/any-text.ts'

describe('A random secret', () => {
  it('is 32 bytes, base64url, and different each time', () => {
    const secrets = Array.from({ length: 100 }, randomSecret)
    for (const secret of secrets) assert.match(secret, /^[\w-]{43}$/)
    assert.equal(new Set(secrets).size, secrets.length)
  })
})

describe('The hash of a secret', () => {
  // FIPS 180-4, appendix B.1.
  it('is SHA-256, base64url', () => {
    assert.equal(sha256('abc'), 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
    assert.equal(sha256(Buffer.from('abc')), sha256('abc'))
  })
})

describe('equalSecrets', () => {
  it('compares secrets of any length', () => {
    const text = anyText({ maxLength: 3 })
    fc.assert(fc.property(text, text, (one, other) => assert.equal(equalSecrets(one, other), one === other)))
    fc.assert(fc.property(text, (secret) => assert.ok(equalSecrets(secret, Buffer.from(secret).toString()))))
  })
})
