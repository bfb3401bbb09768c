import assert from 'node:assert/strict'
import { readCodeChallenge, verifies } from '../../../consent-ui/oauth/pkce.ts'
import { sha256 } from '../../../core/keys/hash.ts'

/** RFC 7636 appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

describe('A code challenge', () => {
  const challengeOf = (parameters: Record<string, string>): string =>
    readCodeChallenge(new Map(Object.entries(parameters)))

  it('is accepted with S256', () => {
    assert.equal(challengeOf({ code_challenge: CHALLENGE, code_challenge_method: 'S256' }), CHALLENGE)
  })

  for (const [what, parameters] of Object.entries({
    'is missing': { code_challenge_method: 'S256' },
    'has no method, which would mean plain': { code_challenge: CHALLENGE },
    'is plain': { code_challenge: CHALLENGE, code_challenge_method: 'plain' },
    'has a method in another case': { code_challenge: CHALLENGE, code_challenge_method: 's256' },
    'has an unknown method': { code_challenge: CHALLENGE, code_challenge_method: 'S512' },
    'is too short': { code_challenge: CHALLENGE.slice(1), code_challenge_method: 'S256' },
    'is too long': { code_challenge: `${CHALLENGE}A`, code_challenge_method: 'S256' },
    'is padded': { code_challenge: `${CHALLENGE}=`, code_challenge_method: 'S256' },
    'is base64, not base64url': {
      code_challenge: CHALLENGE.replace('-', '+'),
      code_challenge_method: 'S256',
    },
  })) {
    it(`is refused when it ${what}`, () => {
      assert.throws(() => challengeOf(parameters), { code: 'invalid_request' })
    })
  }
})

describe('A code verifier', () => {
  it('matches its own challenge', () => assert.ok(verifies(VERIFIER, CHALLENGE)))

  for (const verifier of ['a'.repeat(43), 'a'.repeat(128), `-._~${'Z'.repeat(40)}`]) {
    it(`is accepted as ${verifier.slice(0, 8)}… with ${verifier.length} characters`, () => {
      assert.ok(verifies(verifier, sha256(verifier)))
    })
  }

  for (const verifier of ['', 'a'.repeat(42), 'a'.repeat(129), `${'a'.repeat(43)}+`, `${'a'.repeat(43)}\n`]) {
    it(`is refused in another form: ${JSON.stringify(verifier.slice(-8))}, ${verifier.length} characters`, () => {
      assert.ok(!verifies(verifier, sha256(verifier)))
    })
  }

  it('of another request does not match', () => assert.ok(!verifies(VERIFIER.replace('d', 'e'), CHALLENGE)))

  it('cannot be the challenge itself', () => assert.ok(!verifies(CHALLENGE, CHALLENGE)))
})
