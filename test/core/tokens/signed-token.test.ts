import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { isSignedBy } from '../../../core/tokens/signed-token.ts'

const SIGNATURES = 2000
const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const verified = (signed: string, signature: Buffer): boolean =>
  isSignedBy(publicKey, { header: {}, payload: {}, signature, signed })
const verifiedByNode = (signed: string, signature: Buffer): boolean =>
  verify('sha256', Buffer.from(signed), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)

describe('isSignedBy', function () {
  this.timeout(20_000)

  it('agrees with Node for genuine and altered signatures', () => {
    for (let number = 0; number < SIGNATURES; number += 1) {
      const signed = `token ${number}`
      const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      assert.equal(verified(signed, signature), true)
      const altered = Buffer.from(signature)
      const at = number % altered.length
      altered.writeUInt8(altered.readUInt8(at) ^ (1 << (number % 8)), at)
      assert.equal(verified(signed, altered), false)
      assert.equal(verifiedByNode(signed, altered), false)
    }
  })

  it('refuses r or s of zero, of the order of the curve, and of only ones', () => {
    const good = sign('sha256', Buffer.from('x'), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    for (const part of [Buffer.alloc(32), ORDER, Buffer.alloc(32, 0xff)]) {
      for (const signature of [
        Buffer.concat([part, good.subarray(32)]),
        Buffer.concat([good.subarray(0, 32), part]),
        Buffer.concat([part, part]),
      ]) {
        assert.equal(verified('x', signature), false)
        assert.equal(verifiedByNode('x', signature), false)
      }
    }
  })

  it('refuses a signature in DER and one of another length', () => {
    const der = sign('sha256', Buffer.from('x'), privateKey)
    for (const signature of [der, Buffer.alloc(0), Buffer.alloc(63), Buffer.alloc(65)]) {
      assert.equal(verified('x', signature), false)
    }
  })
})
