import assert from 'node:assert/strict'
import { CachedSession } from '../../../authz/sessions/cached-session.ts'
import { InternedStrings } from '../../../authz/limits/interned-strings.ts'
import { randomSecret } from '../../../core/keys/hash.ts'
import { keyRing } from '../../../core/keys/keys.ts'
import { openSession, ORIGIN, RING, sealingKey } from '../support/sessions.ts'

describe('CachedSession', () => {
  const { session, share, credential } = openSession()
  const opened = { outcome: 'opened', credential }

  it('opens the credential with its share, repeatedly', () => {
    const held = new CachedSession(session, new InternedStrings())
    assert.deepEqual(held.open(RING, share), opened)
    assert.deepEqual(held.open(RING, share), opened)
  })

  it('does not open the credential with another share, before or after the first opening', () => {
    const held = new CachedSession(session, new InternedStrings())
    assert.deepEqual(held.open(RING, randomSecret()), { outcome: 'wrong_share' })
    held.open(RING, share)
    for (const other of [randomSecret(), '', share.slice(1)]) {
      assert.deepEqual(held.open(RING, other), { outcome: 'wrong_share' })
    }
    assert.deepEqual(held.open(RING, share), opened)
  })

  it('returns an opened credential without the key', () => {
    const held = new CachedSession(session, new InternedStrings())
    const other = keyRing(ORIGIN, [sealingKey('seal-2')])
    assert.deepEqual(held.open(other, share), { outcome: 'key_missing' })
    held.open(RING, share)
    assert.deepEqual(held.open(other, share), opened)
  })
})
