import assert from 'node:assert/strict'
import fc from 'fast-check'
import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import type { TokenFault } from '../../../core/tokens/access-token.ts'
import { verificationKeys } from '../../../core/tokens/verification-keys.ts'
import { verifyAccessToken } from '../../../core/tokens/verify-access-token.ts'
import { ORIGIN } from '../support/keys.ts'
import { NOW } from '../support/session.ts'
import { AUDIENCE, createSigner, goodClaims } from '../support/tokens.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('verifyAccessToken', () => {
  const expectation = { issuer: ORIGIN, audience: AUDIENCE, now: NOW }

  const signer = beforeAll(() => createSigner())

  function assertFault(token: string, fault: TokenFault): void {
    assert.deepEqual(verifyAccessToken(token, signer.keys, expectation), { ok: false, fault })
  }

  it('returns the claims of a valid token', async () => {
    const claims = goodClaims()
    const verified = verifyAccessToken(await signer.sign({ ...claims }), signer.keys, expectation)
    assert.deepEqual(verified, { ok: true, claims })
  })

  it('accepts any service’s token without an expected audience', async () => {
    const token = await signer.sign({ aud: `${ORIGIN}/files` })
    assert.ok(verifyAccessToken(token, signer.keys, { issuer: ORIGIN, now: NOW }).ok)
  })

  it('accepts every spelling of the type (RFC 9068 section 4)', async () => {
    for (const typ of ['at+jwt', 'application/at+jwt', 'AT+JWT']) {
      assert.ok(verifyAccessToken(await signer.sign({}, { typ }), signer.keys, expectation).ok, typ)
    }
  })

  const wrongClaims: [which: string, claims: object, fault: TokenFault][] = [
    ['of another issuer', { iss: 'https://connect.example.org' }, 'wrong_issuer'],
    ['whose issuer has a slash more', { iss: `${ORIGIN}/` }, 'wrong_issuer'],
    ['of another service', { aud: `${ORIGIN}/files` }, 'wrong_audience'],
    ['of a service whose name begins like ours', { aud: `${AUDIENCE}-other` }, 'wrong_audience'],
    ['for several services, ours among them', { aud: [AUDIENCE, `${ORIGIN}/files`] }, 'malformed'],
    ['that expires this second', { exp: NOW }, 'expired'],
    ['that expired', { exp: NOW - 1 }, 'expired'],
    [
      'negative test, resource server: nbf in the future: that is not valid yet',
      { nbf: NOW + 1 },
      'malformed',
    ],
    ['whose expiry is text', { exp: String(NOW + 60) }, 'malformed'],
    ['whose issue time is text', { iat: 'now' }, 'malformed'],
  ]
  for (const [which, claims, fault] of wrongClaims) {
    it(`refuses a token ${which}`, async () => {
      assertFault(await signer.sign({ ...claims }), fault)
    })
  }

  for (const claim of Object.keys(goodClaims())) {
    it(`refuses a token without ${claim}`, async () => {
      assertFault(await signer.sign({ [claim]: undefined }), 'malformed')
    })
  }

  for (const claim of ['sub', 'client_id', 'scope', 'sid', 'jti', 'k']) {
    it(`refuses a token whose ${claim} is not a string, or empty`, async () => {
      for (const value of ['', 7, null, {}, ['x']]) {
        assertFault(await signer.sign({ [claim]: value }), 'malformed')
      }
    })
  }

  const wrongHeaders: [which: string, header: object, fault: TokenFault][] = [
    ['that is an ID token', { typ: 'JWT' }, 'malformed'],
    ['without a type', { typ: undefined }, 'malformed'],
    ['with an unknown critical member', { crit: ['x'], x: 1 }, 'malformed'],
  ]
  for (const [which, header, fault] of wrongHeaders) {
    it(`refuses a token ${which}`, async () => {
      assertFault(await signedWithHeader(header), fault)
    })
  }

  /** Written by hand: the library does not sign what it does not understand. */
  async function signedWithHeader(members: object): Promise<string> {
    if (!('crit' in members)) return await signer.sign({}, { ...members })
    const [, payload, signature] = (await signer.sign()).split('.')
    const header = { alg: 'ES256', typ: 'at+jwt', kid: 'key-1', ...members }
    return [Buffer.from(JSON.stringify(header)).toString('base64url'), payload, signature].join('.')
  }

  it('refuses an unsigned token', async () => {
    const claims: JWTPayload = { ...goodClaims() }
    assertFault(new UnsecuredJWT(claims).encode(), 'malformed')
    const [, payload, signature] = (await signer.sign()).split('.')
    for (const alg of ['none', 'None', 'NONE', '']) {
      const header = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid: 'key-1' })).toString('base64url')
      for (const end of ['', signature ?? '']) assertFault([header, payload, end].join('.'), 'malformed')
    }
  })

  it('refuses a token signed with the public key as an HMAC secret', async () => {
    for (const secret of signer.publicKeyBytes) {
      const header = { alg: 'HS256', typ: 'at+jwt', kid: 'key-1' }
      const token = await new SignJWT({ ...goodClaims() }).setProtectedHeader(header).sign(secret)
      assertFault(token, 'malformed')
    }
  })

  it('refuses a token of another signer with the same key id', async () => {
    assertFault(await (await createSigner()).sign(), 'bad_signature')
  })

  it('refuses a token that contains its own key', async () => {
    const stranger = await createSigner()
    const jwk = JSON.parse(Buffer.from(stranger.publicKeyBytes[2] ?? '').toString()) as object
    assertFault(await stranger.sign({}, { jwk, jku: 'https://evil.example.com/jwks' }), 'bad_signature')
  })

  it('refuses a token with changed claims or the signature of another', async () => {
    const [one, other] = [(await signer.sign()).split('.'), (await signer.sign({ sub: 'grace' })).split('.')]
    assertFault([one[0], other[1], one[2]].join('.'), 'bad_signature')
    assertFault([one[0], one[1], other[2]].join('.'), 'bad_signature')
    assertFault([one[0], one[1], ''].join('.'), 'bad_signature')
  })

  it('refuses malformed tokens, and never throws', () => {
    const part = fc.oneof(
      fc.base64String(),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
    )
    const bytes = fc.uint8Array({ maxLength: 100 }).map((some) => Buffer.from(some).toString('latin1'))
    const joined = fc.array(part, { maxLength: 6 }).map((parts) => parts.join('.'))
    const text = fc.oneof(bytes, joined)
    fc.assert(
      fc.property(text, (token) => {
        assert.equal(verifyAccessToken(token, signer.keys, expectation).ok, false)
      }),
    )
  })

  it('refuses a token of an unknown key, and names the key only if the token is valid otherwise', async () => {
    const verify = (token: string) => verifyAccessToken(token, signer.keys, expectation)
    const refused = { ok: false, fault: 'bad_signature' }
    assert.deepEqual(verify(await signedWithHeader({ kid: 'key-2' })), { ...refused, unknownKey: 'key-2' })
    for (const kid of ['Key 2', 'k'.repeat(17), '../key', '', 'key-2\n']) {
      assert.deepEqual(verify(await signedWithHeader({ kid })), refused, kid)
    }
    assert.deepEqual(verify(await signedWithHeader({ kid: 'key-2', typ: 'JWT' })), refused)
  })

  it('refuses every token without keys', async () => {
    const verified = verifyAccessToken(await signer.sign(), verificationKeys({ keys: [] }), expectation)
    assert.deepEqual(verified, { ok: false, fault: 'bad_signature', unknownKey: 'key-1' })
  })
})
