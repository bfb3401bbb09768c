import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { TokenVerifier, type TokenOrigin } from '../../../authz/tokens/token-verifier.ts'
import type { VerifiedToken } from '../../../core/tokens/access-token.ts'
import { sharedEgressRanges } from '../../../core/network/egress-ranges.ts'
import type { Caller } from '../../../authz/limits/caller.ts'
import { networksOf } from '../../../authz/limits/network-limit.ts'
import { verificationKeys } from '../../../core/tokens/verification-keys.ts'
import { AUDIENCE, createSigner, NOW, NOW_MS, openSession, ORIGIN } from '../support/sessions.ts'
import { beforeAll } from '../../support/before-all.ts'

/** From where a server sends requests for many people. */
const SHARED = z.parse(sharedEgressRanges, '192.0.2.0/24')

describe('TokenVerifier', () => {
  const opening = openSession()
  const waiting = { isGone: false }
  let token: string
  /** How often a token was taken apart and its key looked up: known ones are not. */
  let readings: number
  let nowMs: number
  let elapsedMs: number
  let verifier: TokenVerifier
  let addresses = 0

  const signer = beforeAll(() => createSigner())

  before(async () => {
    token = await signer.sign(opening)
  })

  beforeEach(() => {
    readings = 0
    nowMs = NOW_MS
    elapsedMs = 0
    verifier = verifierOf(10)
  })

  function verifierOf(capacity: number): TokenVerifier {
    const keys = verificationKeys(signer.jwks)
    const counted = Object.assign(new Map(keys), {
      get(kid: string) {
        readings += 1
        return keys.get(kid)
      },
    })
    return new TokenVerifier({
      issuer: ORIGIN,
      keys: counted,
      networksOf: networksOf(SHARED),
      capacity,
      nowMs: () => nowMs,
      elapsedMs: () => elapsedMs,
    })
  }

  /** Each time from another address, unless told. */
  function shownBy(clientAddress = newAddress()): TokenOrigin {
    return { audience: AUDIENCE, caller: waiting, clientAddress }
  }

  function newAddress(): string {
    addresses += 1
    return `10.0.${addresses >> 8}.${addresses & 255}`
  }

  /** Whatever it says, in time. */
  const verify = async (
    shown: string,
    audience = AUDIENCE,
    caller: Caller = waiting,
  ): Promise<VerifiedToken | 'busy'> => await verifier.verify(shown, { ...shownBy(), audience, caller })

  const isGenuine = async (shown: string): Promise<boolean> => {
    const verified = await verify(shown)
    return verified !== 'busy' && verified.ok
  }

  it('verifies a token once, and answers from its cache afterwards', async () => {
    const first = await verify(token)
    assert.ok(first !== 'busy' && first.ok)
    assert.deepEqual(verifier.verify(token, shownBy()), first)
    assert.equal(readings, 1)
  })

  it('refuses a cached token from the second in which it expires', async () => {
    await verify(token)
    nowMs = (NOW + 3600) * 1000 - 1
    assert.ok(await isGenuine(token))
    nowMs += 1
    assert.deepEqual(await verify(token), { ok: false, fault: 'expired' })
    assert.equal(readings, 1)
    assert.deepEqual(await verify(token), { ok: false, fault: 'expired' })
  })

  it('G09: checks the audience of a cached token each time', async () => {
    await verify(token)
    for (const audience of [`${ORIGIN}/files`, `${AUDIENCE}-other`, ORIGIN, '']) {
      assert.deepEqual(await verify(token, audience), { ok: false, fault: 'wrong_audience' })
    }
    assert.ok(await isGenuine(token))
    assert.equal(readings, 1)
  })

  it('G09: caches by header, claims and signature', async () => {
    await verify(token)
    const [header, claims, signature] = token.split('.')
    const [otherHeader, otherClaims, otherSignature] = (
      await signer.sign(opening, { sub: 'eve' }, { typ: 'AT+JWT' })
    ).split('.')
    for (const parts of [
      [otherHeader, claims, signature],
      [header, otherClaims, signature],
      [header, claims, otherSignature],
    ]) {
      assert.deepEqual(await verify(parts.join('.')), { ok: false, fault: 'bad_signature' })
    }
  })

  it('verifies a forged signature once', async () => {
    const forged = await (await createSigner()).sign(opening)
    for (let count = 0; count < 3; count += 1) {
      assert.deepEqual(await verify(forged), { ok: false, fault: 'bad_signature' })
    }
    assert.equal(readings, 1)
  })

  it('does not evict genuine tokens for forged ones', async () => {
    verifier = verifierOf(1)
    await verify(token)
    const genuine = token.split('.')
    for (let count = 0; count < 1500; count += 1) {
      elapsedMs += 10
      const signature = Buffer.alloc(64, `forged ${count}`).toString('base64url')
      assert.equal(await isGenuine([genuine[0], genuine[1], signature].join('.')), false)
    }
    readings = 0
    assert.ok(await isGenuine(token))
    assert.equal(readings, 0)
  })

  it('G04: caches nothing for a caller that is gone', async () => {
    for (let count = 1; count <= 2; count += 1) {
      assert.equal(await verify(token, AUDIENCE, { isGone: true }), 'busy')
      assert.equal(readings, count)
    }
    assert.ok(await isGenuine(token))
    assert.equal(readings, 3)
  })

  it('is busy when too many new tokens arrive at once, and still answers known ones', async () => {
    await verify(token)
    const strangers = await Promise.all(Array.from({ length: 700 }, () => signer.sign(opening)))
    const answers = strangers.map((stranger) => verify(stranger))
    assert.ok(!(verifier.verify(token, shownBy()) instanceof Promise))
    const settled = await Promise.all(answers)
    const busy = settled.filter((answer) => answer === 'busy')
    assert.ok(busy.length > 0 && busy.length < 700, String(busy.length))
    elapsedMs += 1000
    assert.ok(await isGenuine(strangers.at(-1) ?? ''), 'who was too many is taken later')
  })

  it('takes no capacity for a token that fails before its signature', async () => {
    const expired = await signer.sign(opening, { exp: NOW - 1 })
    const elsewhere = await signer.sign(opening, { aud: `${ORIGIN}/files` })
    for (let count = 0; count < 1000; count += 1) {
      assert.deepEqual(await verify(expired), { ok: false, fault: 'expired' })
      assert.deepEqual(await verify(elsewhere), { ok: false, fault: 'wrong_audience' })
      assert.deepEqual(await verify(`${count}`), { ok: false, fault: 'malformed' })
    }
    assert.ok(await isGenuine(token))
  })

  const forge = (): string => {
    const [header, claims] = token.split('.')
    return [header, claims, randomBytes(64).toString('base64url')].join('.')
  }

  /** How many of so many forged tokens from one address, all at once, are not looked at. */
  async function busyOf(count: number, shown: TokenOrigin): Promise<number> {
    const answers = await Promise.all(
      Array.from({ length: count }, async () => await verifier.verify(forge(), shown)),
    )
    return answers.filter((answer) => answer === 'busy').length
  }

  it('verifies a genuine token from an address that sends forged ones, while not busy', async () => {
    const office = shownBy()
    for (let second = 0; second < 3; second += 1) {
      assert.equal(await busyOf(150, office), 0)
      const verified = await verifier.verify(await signer.sign(opening), office)
      assert.ok(verified !== 'busy' && verified.ok)
      elapsedMs += 1000
    }
  })

  it('limits an address that sends forged tokens to its share when busy, and not others', async () => {
    const forger = shownBy()
    const busy = await busyOf(1000, forger)
    assert.ok(busy >= 600 && busy < 700, `${busy} were refused`)
    assert.equal(await verifier.verify(token, forger), 'busy')
    assert.ok(await isGenuine(token), 'another address has what is left')
    assert.ok(
      !(verifier.verify(token, forger) instanceof Promise),
      'a token that is known passes from anywhere',
    )
    elapsedMs += 200
    const verified = await verifier.verify(await signer.sign(opening), forger)
    assert.ok(verified !== 'busy' && verified.ok, 'it is busy no more')
  })

  it('gives a shared egress range twenty shares', async () => {
    const at = (host: number): TokenOrigin => shownBy(`192.0.2.${host}`)
    await busyOf(150, at(1))
    await busyOf(1000, shownBy())
    assert.ok((await verifier.verify(forge(), at(2))) !== 'busy', 'it has 850 more')
  })

  it('counts forged tokens of an IPv6 /48 together', async () => {
    const at = (subnet: number): TokenOrigin => shownBy(`2001:db8:1:${subnet.toString(16)}::1`)
    for (let subnet = 0; subnet < 5; subnet += 1) await busyOf(50, at(subnet))
    await busyOf(1000, shownBy())
    assert.equal(await verifier.verify(token, at(100)), 'busy')
    assert.ok(await isGenuine(token))
  })

  it('counts tokens whose caller hung up', async () => {
    const forger = { ...shownBy(), caller: { isGone: true } }
    for (let count = 0; count < 60; count += 1) {
      assert.equal(await verifier.verify(forge(), forger), 'busy')
      elapsedMs += 1
    }
    await busyOf(1000, shownBy())
    assert.equal(await verifier.verify(forge(), { ...forger, caller: waiting }), 'busy')
  })

  it('does not count genuine tokens against their address', async () => {
    const office = shownBy()
    for (let count = 0; count < 150; count += 1) {
      const verified = await verifier.verify(await signer.sign(opening), office)
      assert.ok(verified !== 'busy' && verified.ok)
    }
  })
})
