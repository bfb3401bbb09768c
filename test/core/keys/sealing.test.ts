import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { keyRing } from '../../../core/keys/keys.ts'
import { decrypt, encrypt, keyOf, NONCE_BYTES, open, seal, type Binding } from '../../../core/keys/sealing.ts'
import { operatorKey, ORIGIN, testRing } from '../support/keys.ts'
import { anyText } from '../../support/any-text.ts'

const PLAINTEXT = '{"token":"a Quilt credential"}'

describe('A sealed value', () => {
  const ring = testRing()
  const binding: Binding = { purpose: 'test', share: randomBytes(32), context: ['session', 'ada', 1] }
  const sealed = seal(ring, binding, PLAINTEXT)

  it('opens to any sealed text', () => {
    const share = fc.uint8Array({ minLength: 32, maxLength: 100 })
    const context = fc.array(fc.oneof(anyText(), fc.integer()))
    fc.assert(
      fc.property(anyText(), share, context, (plaintext, ...[bytes, facts]) => {
        const bound = { purpose: 'test', share: bytes, context: facts }
        assert.equal(open(ring, bound, seal(ring, bound, plaintext)), plaintext)
      }),
    )
  })

  it('does not contain its text, and differs each time', () => {
    assert.ok(!Buffer.from(sealed.split('.')[1] ?? '', 'base64url').includes('Quilt'))
    assert.notEqual(seal(ring, binding, PLAINTEXT), sealed)
  })

  it('does not open with any flipped bit', () => {
    const bytes = Buffer.from(sealed)
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      assert.equal(open(ring, binding, flipped.toString('latin1')), undefined, `bit ${bit}`)
    }
  })

  it('does not open when truncated or extended', () => {
    for (let length = 0; length < sealed.length; length += 1) {
      assert.equal(open(ring, binding, sealed.slice(0, length)), undefined)
    }
    for (const more of ['A', 'AAAA', '=', '.', '.AAAA', ' ', '\n', '!']) {
      assert.equal(open(ring, binding, sealed + more), undefined, JSON.stringify(more))
    }
  })

  it('does not open any other text, and never throws', () => {
    const text = fc.oneof(
      anyText(),
      fc.base64String().map((body) => `2026-11.${body}`),
    )
    fc.assert(fc.property(text, (other) => assert.equal(open(ring, binding, other), undefined)))
  })

  const others: Record<string, Partial<Binding>> = {
    purpose: { purpose: 'another' },
    share: { share: randomBytes(32) },
    'share, longer by a zero,': { share: Buffer.concat([binding.share, Buffer.alloc(1)]) },
    'share of no bytes': { share: new Uint8Array() },
    'fact in its context': { context: ['session', 'ada', 2] },
    'type of a fact': { context: ['session', 'ada', '1'] },
    'boundary between two facts': { context: ['sessiona', 'da', 1] },
    'order of the facts': { context: ['ada', 'session', 1] },
    'number of facts': { context: ['session', 'ada', 1, ''] },
  }
  for (const [which, other] of Object.entries(others)) {
    it(`does not open with another ${which}`, () => {
      assert.equal(open(ring, { ...binding, ...other }, sealed), undefined)
    })
  }

  it('does not open with any other share', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (share) => {
        assert.equal(open(ring, { ...binding, share }, sealed), undefined)
      }),
    )
  })

  it('does not open at another host with the same keys', () => {
    assert.equal(open(keyRing('https://connect.example.org', ring.all), binding, sealed), undefined)
  })

  it('does not open with another key of the same id', () => {
    assert.equal(open(testRing(), binding, sealed), undefined)
  })

  it('does not open under another key of the ring', () => {
    const two = keyRing(ORIGIN, [...ring.all, operatorKey('other', 'accept')])
    assert.equal(open(two, binding, sealed.replace('2026-11', 'other')), undefined)
  })

  // The code's hash is its key in the store: with it and the operator's key, a dump would open.
  it('does not open with the hash of its share', () => {
    const share = Buffer.from('c'.repeat(87))
    const hash = createHash('sha256').update(share).digest()
    const bySecret = seal(ring, { ...binding, share }, PLAINTEXT)
    assert.equal(open(ring, { ...binding, share: hash }, bySecret), undefined)
  })

  it('is never made without a share', () => {
    for (const share of [new Uint8Array(), randomBytes(31)]) {
      assert.throws(() => seal(ring, { ...binding, share }, PLAINTEXT), TypeError)
    }
  })
})

describe('A sealed value after a rotation of keys', () => {
  const old = operatorKey('old')
  const binding: Binding = { purpose: 'test', share: randomBytes(32), context: [] }
  const sealed = seal(testRing(ORIGIN, [old]), binding, PLAINTEXT)
  const after = (use: 'accept' | 'registrations') => testRing(ORIGIN, [operatorKey('new'), { ...old, use }])

  it('opens while its key is accepted, and new values use the new key', () => {
    assert.equal(open(after('accept'), binding, sealed), PLAINTEXT)
    assert.equal(keyOf(after('accept'), sealed)?.id, 'old')
    assert.match(seal(after('accept'), binding, PLAINTEXT), /^new\./)
  })

  it('does not open when its key is removed or for registrations only', () => {
    for (const ring of [after('registrations'), testRing()]) {
      assert.equal(open(ring, binding, sealed), undefined)
      assert.equal(keyOf(ring, sealed), undefined)
    }
  })
})

describe('AES-256-GCM', () => {
  const key = randomBytes(32)
  const nonce = randomBytes(NONCE_BYTES)
  const associatedData = Buffer.from('header')
  const box = encrypt(key, Buffer.from(PLAINTEXT), { nonce, associatedData })

  it('decrypts an encrypted text', () => {
    assert.equal(decrypt(key, box, associatedData)?.toString(), PLAINTEXT)
  })

  it('returns undefined for another key, other associated data or a short input', () => {
    assert.equal(decrypt(randomBytes(32), box, associatedData), undefined)
    assert.equal(decrypt(key, box, Buffer.from('Header')), undefined)
    for (let length = 0; length < box.length; length += 1) {
      assert.equal(decrypt(key, box.subarray(0, length), associatedData), undefined)
    }
  })
})
