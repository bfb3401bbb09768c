import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Expectation, VerifiedToken } from '../../../core/tokens/access-token.ts'
import { verificationKeys } from '../../../core/tokens/verification-keys.ts'
import { verifyAccessToken } from '../../../core/tokens/verify-access-token.ts'
import { encode, Forge } from '../support/forge.ts'
import { joseReference, stricterThanJose } from '../support/jose-reference.ts'
import { ORIGIN } from '../support/keys.ts'
import { NOW } from '../support/session.ts'
import { HEADER_MEMBERS, JSON_TEXTS, NOT_UTF8 } from '../support/token-traps.ts'
import { AUDIENCE, goodClaims } from '../support/tokens.ts'

const EXPECTATION: Expectation = { issuer: ORIGIN, audience: AUDIENCE, now: NOW }
const HEADER = { alg: 'ES256', typ: 'at+jwt', kid: 'key-1' }
/** Every run generates the same tokens. */
const SEED = 20261125

/**
 * jose is the reference. verifyAccessToken checks the content before the signature, so its fault is compared with jose's
 * fault of the same content with a valid signature, or of the token itself. {@link stricterThanJose} lists the three
 * exceptions.
 */
describe('verifyAccessToken compared with jose', () => {
  const forge = new Forge('key-1', 'key-2')
  const keys = verificationKeys(forge.jwks)
  const jose = joseReference(forge.jwks)
  const outcomes = new Map<string, number>()

  async function expected(token: string, expectation: Expectation): Promise<VerifiedToken> {
    if (stricterThanJose(token)) return { ok: false, fault: 'malformed' }
    const [header = '', payload = '', ...rest] = token.split('.')
    if (rest.length !== 1) return await jose(token, expectation)
    const content = await jose(forge.sign(header, payload), expectation)
    return content.ok ? await jose(token, expectation) : content
  }

  async function assertSame(token: string, expectation = EXPECTATION): Promise<void> {
    const verified = verifyAccessToken(token, keys, expectation)
    // jose has no word for the id of a key that it was not given.
    const ours = verified.ok ? verified : { ok: verified.ok, fault: verified.fault }
    assert.deepEqual(ours, await expected(token, expectation), token)
    const outcome = ours.ok ? 'ok' : ours.fault
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    // Whatever the reason: nothing passes here that jose refuses.
    if (ours.ok) assert.ok((await jose(token, expectation)).ok, token)
  }

  const claimed = (changes: object = {}): string => JSON.stringify({ ...goodClaims(), ...changes })
  const headed = (changes: object = {}): string => JSON.stringify({ ...HEADER, ...changes })
  const signed = (header: string | Uint8Array, payload: string | Uint8Array): string =>
    forge.sign(encode(header), encode(payload))

  describe('agrees about headers', () => {
    const values = [null, true, 0, 1, '', 'x', [], ['x'], {}, 'ES256', 'key-1']
    for (const [name, own] of [...Object.entries(HEADER_MEMBERS), ['__proto__', []] as const]) {
      it(`with another ${name}, or without`, async () => {
        for (const value of [...values, ...own, undefined]) {
          await assertSame(signed(headed({ [name]: value }), claimed()))
          await assertSame(signed(headed({ [name]: value }), claimed({ exp: NOW })))
        }
      })
    }

    it('with critical extensions', async () => {
      for (const b64 of [true, false, 'x', null]) {
        await assertSame(signed(headed({ crit: ['b64'], b64 }), claimed()))
        await assertSame(forge.sign(encode(headed({ crit: ['b64'], b64 })), 'plain'))
      }
    })

    it('that are not an object, or malformed', async () => {
      for (const header of JSON_TEXTS) await assertSame(signed(header, claimed()))
      for (const bytes of NOT_UTF8) await assertSame(signed(bytes, claimed()))
    })

    it('with duplicate members', async () => {
      for (const [name, value] of [
        ['alg', 'none'],
        ['kid', 'key-2'],
        ['kid', 'key-3'],
        ['typ', 'JWT'],
      ] as const) {
        const rest = headed().slice(1)
        await assertSame(signed(`{"${name}":"${value}",${rest}`, claimed()))
        await assertSame(signed(`${headed().slice(0, -1)},"${name}":"${value}"}`, claimed()))
        await assertSame(signed(`${headed().slice(0, -1)},"${name.toUpperCase()}":"${value}"}`, claimed()))
      }
      await assertSame(signed(`{"__proto__":${headed()}}`, claimed()))
      await assertSame(signed(String.raw`{"\u0061lg":"ES256","typ":"at+jwt","kid":"key\u002d1"}`, claimed()))
    })
  })

  describe('agrees about claims', () => {
    const values = [null, true, false, 0, -1, 1.5, '', 'x', [], [''], {}, 1e300, NOW, String(NOW + 60)]
    const others: Readonly<Record<string, readonly unknown[]>> = {
      iss: [`${ORIGIN}/`, ORIGIN.toUpperCase(), [ORIGIN]],
      aud: [
        [AUDIENCE],
        [AUDIENCE, 'x'],
        ['x', 'y'],
        `${AUDIENCE}-other`,
        [[AUDIENCE]],
        { 0: AUDIENCE },
        [AUDIENCE, 7],
      ],
      iat: [NOW + 1000, NOW - 1e6],
      nbf: [NOW, NOW + 1, NOW + 0.5, NOW - 1],
      exp: [NOW + 0.5, NOW + 1, NOW - 1, NOW + 1e9],
    }
    for (const name of [...Object.keys(goodClaims()), 'nbf', 'cnf', '__proto__']) {
      it(`with another ${name}, or without`, async () => {
        for (const value of [
          ...values,
          ...(Object.hasOwn(others, name) ? (others[name] ?? []) : []),
          undefined,
        ]) {
          await assertSame(signed(headed(), claimed({ [name]: value })))
          await assertSame(signed(headed(), claimed({ [name]: value })), { issuer: ORIGIN, now: NOW })
        }
      })
    }

    it('with two wrong claims', async () => {
      const wrong = { iss: 'x', aud: 'x', exp: NOW, iat: 'x', nbf: NOW + 1, sub: '', k: undefined }
      for (const one of Object.entries(wrong))
        for (const other of Object.entries(wrong))
          await assertSame(signed(headed(), claimed(Object.fromEntries([one, other]))))
    })

    it('that are not an object, or malformed', async () => {
      for (const payload of JSON_TEXTS) await assertSame(signed(headed(), payload))
      for (const bytes of NOT_UTF8) await assertSame(signed(headed(), bytes))
      await assertSame(signed(headed(), `\uFEFF${claimed()}`))
      await assertSame(signed(headed(), ` \n${claimed()}\t`))
      await assertSame(signed(headed(), `${claimed()}{}`))
    })

    it('with duplicate members', async () => {
      for (const member of [
        `"exp":${NOW}`,
        '"sub":"eve"',
        `"aud":"x"`,
        '"exp":1e999',
        '"exp":-1e999',
        '"sid":""',
      ]) {
        await assertSame(signed(headed(), `{${member},${claimed().slice(1)}`))
        await assertSame(signed(headed(), `${claimed().slice(0, -1)},${member}}`))
      }
    })
  })

  describe('agrees about signatures', () => {
    it('of each key under the other’s id', async () => {
      const content = (kid: string): [string, string] => [encode(headed({ kid })), encode(claimed())]
      const [first, second] = [forge.sign(...content('key-1')), forge.sign(...content('key-2'))]
      await assertSame(first)
      await assertSame(second)
      await assertSame(swapSignature(first, signatureOf(second)))
      await assertSame(swapSignature(second, signatureOf(first)))
    })

    it('that are too short, too long, zero, or of the other form', async () => {
      const good = signed(headed(), claimed())
      const bytes = Buffer.from(signatureOf(good), 'base64url')
      const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32)]
      const zero = Buffer.alloc(32)
      const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
      const mirrored = (BigInt(`0x${order.toString('hex')}`) - BigInt(`0x${s.toString('hex')}`)).toString(16)
      for (const parts of [
        [],
        [r],
        [r, s, Buffer.alloc(1)],
        [Buffer.alloc(1), r, s],
        [r, s.subarray(1)],
        [zero, zero],
        [zero, s],
        [r, zero],
        [order, s],
        [r, order],
        [s, r],
        [Buffer.alloc(64, 0xff)],
        // The mirrored signature is as good as the first one: ECDSA has two of each.
        [r, Buffer.from(mirrored.padStart(64, '0'), 'hex')],
        [Buffer.from([0x30, 0x44, 0x02, 0x20]), r, Buffer.from([0x02, 0x20]), s],
      ])
        await assertSame(swapSignature(good, encode(Buffer.concat(parts))))
    })
  })

  describe('in all that', () => {
    // Tokens that are all refused for one reason would show nothing.
    it('has covered each outcome, most of them often', () => {
      const names = ['ok', 'malformed', 'bad_signature', 'expired', 'wrong_issuer', 'wrong_audience']
      const rare = names.filter((name) => (outcomes.get(name) ?? 0) < 20)
      assert.deepEqual(rare, [], JSON.stringify([...outcomes]))
    })
  })

  it('agrees about every token with one flipped bit', async function () {
    const good = signed(headed(), claimed())
    await fc.assert(
      fc.asyncProperty(fc.nat(2), fc.nat(4000), async (part, bit) => {
        const parts = good.split('.')
        const bytes = Buffer.from(parts[part] ?? '', 'base64url')
        const index = (bit >> 3) % bytes.length
        bytes.writeUInt8(bytes.readUInt8(index) ^ (1 << (bit & 7)), index)
        parts[part] = encode(bytes)
        await assertSame(parts.join('.'))
      }),
      { seed: SEED, numRuns: 400 },
    )
  })

  it('agrees about tokens with changed, added or removed characters', async () => {
    const good = signed(headed(), claimed())
    const letter = fc.constantFrom(...'AQgw_-+/=. \n\t.é\0'.split(''))
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length), fc.nat(2), letter, async (at, removed, added) => {
        await assertSame(good.slice(0, at) + added + good.slice(at + removed))
        await assertSame(good.slice(0, at) + good.slice(at + removed))
      }),
      { seed: SEED, numRuns: 300 },
    )
    for (const text of ['', '.', '..', '...', `${good}.`, `.${good}`, `${good}.x`, `${good}=`, `${good}==`])
      await assertSame(text)
  })

  it('agrees about any signed content', async () => {
    const member = fc.oneof(fc.constant(undefined), fc.jsonValue())
    const names = [...Object.keys(goodClaims()), 'nbf', 'extra']
    const changes = fc.dictionary(fc.constantFrom(...names), member, { maxKeys: 2 })
    const headers = fc.dictionary(fc.constantFrom('alg', 'typ', 'kid', 'b64', 'extra'), member, {
      maxKeys: 1,
    })
    await fc.assert(
      fc.asyncProperty(headers, changes, async (header, claims) => {
        await assertSame(signed(headed(header), claimed(claims)))
        await assertSame(signed(headed(), claimed(claims)))
      }),
      { seed: SEED, numRuns: 300 },
    )
  })
})

function signatureOf(token: string): string {
  return token.split('.')[2] ?? ''
}

function swapSignature(token: string, signature: string): string {
  return [...token.split('.').slice(0, 2), signature].join('.')
}
