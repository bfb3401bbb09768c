import assert from 'node:assert/strict'
import { randomSecret } from '../../../core/keys/hash.ts'
import { openCredential, sealCredential, type Session } from '../../../core/sessions/session.ts'
import { testRing } from '../support/keys.ts'
import { NOW, sessionFacts } from '../support/session.ts'

type Facts = Readonly<Record<string, unknown>>

/** The session once for each of its facts, with that one changed; the path says which. */
function eachFactChanged(facts: Facts, path = ''): [path: string, changed: Facts][] {
  return Object.entries(facts).flatMap(([name, value]) => {
    const here = `${path}${name}`
    if (typeof value === 'object' && value !== null) {
      const inner = eachFactChanged(value as Facts, `${here}.`)
      return inner.map(([which, changed]): [string, Facts] => [which, { ...facts, [name]: changed }])
    }
    return [[here, { ...facts, [name]: typeof value === 'number' ? value + 1 : `${String(value)}x` }]]
  })
}

describe('The Quilt credential of a session', () => {
  const ring = testRing()
  const share = randomSecret()
  const credential = { token: 'a-quilt-token', expiresAt: NOW + 7200 }
  const facts = sessionFacts()
  const session = sealCredential(ring, facts, { share, credential })

  it('opens with the share of its tokens', () => {
    assert.deepEqual(openCredential(ring, session, share), credential)
  })

  it('is not readable in the stored session', () => {
    assert.ok(!JSON.stringify(session).includes(credential.token))
    assert.ok(!JSON.stringify(session).includes(share))
  })

  const changes = eachFactChanged({ ...facts })
  it('is bound to ten facts', () => {
    assert.equal(changes.length, 10)
  })
  for (const [which, changed] of changes) {
    it(`does not open with a changed ${which}`, () => {
      // As it would be read from the store, where nothing has a type.
      const tampered = { ...changed, sealedCredential: session.sealedCredential } as unknown as Session
      assert.equal(openCredential(ring, tampered, share), undefined)
    })
  }

  it('does not open in another session of the same user and client', () => {
    const other = sealCredential(
      ring,
      { ...facts, id: randomSecret() },
      { share: randomSecret(), credential },
    )
    assert.equal(
      openCredential(ring, { ...other, sealedCredential: session.sealedCredential }, share),
      undefined,
    )
  })

  it('does not open with the share of another session’s tokens, or with none', () => {
    for (const other of [randomSecret(), '', '!', share.slice(0, -2)]) {
      assert.equal(openCredential(ring, session, other), undefined)
    }
  })
})
