import assert from 'node:assert/strict'
import { openClient, sealClient } from '../../../consent-ui/clients/sealed-client.ts'
import type { Registration } from '../../../consent-ui/clients/registration.ts'
import { keyRing } from '../../../core/keys/keys.ts'
import { as, operatorKey, ringOf } from '../support/keys.ts'

const CURSOR: Registration = {
  name: 'Cursor',
  authentication: { method: 'none' },
  redirectUris: [
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'https://www.cursor.com/agents/mcp/oauth/callback',
    'http://localhost:8787/callback',
  ],
}
const KEY = operatorKey('2026-11')
const RING = ringOf(KEY)

describe('A client_id with a sealed registration', () => {
  const clientId = sealClient(RING, CURSOR)

  it('opens to the registration', () =>
    assert.deepEqual(openClient(RING, clientId), { id: clientId, ...CURSOR, knownBy: 'registration' }))

  it('has at most 600 characters, none of which needs encoding', () => {
    assert.match(clientId, /^[A-Za-z0-9_-]{1,600}$/)
  })

  it('reveals nothing of the registration', () => {
    assert.ok(!Buffer.from(clientId, 'base64url').toString('latin1').includes('cursor'))
  })

  it('is the same for equal registrations and differs for others', () => {
    assert.equal(sealClient(RING, { ...CURSOR }), clientId)
    for (const other of [
      { ...CURSOR, name: 'Cursor ' },
      { ...CURSOR, redirectUris: CURSOR.redirectUris.slice(1) },
      { ...CURSOR, redirectUris: CURSOR.redirectUris.toReversed() },
    ]) {
      assert.notEqual(sealClient(RING, other), clientId)
    }
  })

  it('is refused when any bit is changed', () => {
    const bytes = Buffer.from(clientId, 'base64url')
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.equal(openClient(RING, changed.toString('base64url')), undefined, `byte ${at}`)
    }
  })

  it('is refused when it is cut or extended', () => {
    for (let length = 0; length < clientId.length; length += 1) {
      assert.equal(openClient(RING, clientId.slice(0, length)), undefined, `${length} characters`)
    }
    assert.equal(openClient(RING, `${clientId}A`), undefined)
    assert.equal(openClient(RING, clientId.repeat(2)), undefined)
    assert.equal(openClient(RING, 'A'.repeat(601)), undefined)
  })

  it('has only one spelling', () => {
    for (const spelling of [`${clientId}=`, `${clientId}\n`, ` ${clientId}`, clientId.replace(/[_-]/, '.')]) {
      assert.equal(openClient(RING, spelling), undefined, JSON.stringify(spelling))
    }
    const last = clientId.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const spellings = Array.from(alphabet).filter((letter) =>
      openClient(RING, clientId.slice(0, -1) + letter),
    )
    assert.deepEqual(spellings, [last])
  })

  it('is refused on another host, even under the same key', () => {
    const other = keyRing('https://connect.other', [KEY])
    assert.equal(openClient(other, clientId), undefined)
    assert.notEqual(sealClient(other, CURSOR), clientId)
  })

  it('is refused under another key, even of the same id', () => {
    assert.equal(openClient(ringOf(operatorKey('2026-11')), clientId), undefined)
    assert.equal(openClient(ringOf(operatorKey('2026-12')), clientId), undefined)
  })

  it('stays valid while the operator keeps its key for registrations', () => {
    const next = operatorKey('2026-12')
    for (const use of ['accept', 'registrations'] as const) {
      assert.deepEqual(openClient(ringOf(next, as(use, KEY)), clientId), {
        id: clientId,
        ...CURSOR,
        knownBy: 'registration',
      })
    }
  })

  it('works with key ids of the same prefix', () => {
    const keys = [operatorKey('a'), as('accept', operatorKey('ab')), as('accept', operatorKey('abc'))]
    for (const key of keys) {
      const ring = ringOf(...keys.map((other) => as(other === key ? 'sign' : 'accept', other)))
      const id = sealClient(ring, CURSOR)
      assert.deepEqual(openClient(ring, id), { id, ...CURSOR, knownBy: 'registration' })
    }
  })

  for (const nonsense of ['', 'x', 'undefined', '../../etc', 'https://claude.ai/oauth/client', '*', '{}']) {
    it(`is not ${JSON.stringify(nonsense)}`, () => assert.equal(openClient(RING, nonsense), undefined))
  }

  it('is not issued if it would be too long', () => {
    const redirectUris = Array.from(
      { length: 10 },
      (_, index) => `https://claude.ai/${index}/${'x'.repeat(60)}`,
    )
    assert.throws(() => sealClient(RING, { ...CURSOR, redirectUris }), { code: 'invalid_client_metadata' })
  })
})
