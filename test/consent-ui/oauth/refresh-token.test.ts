import assert from 'node:assert/strict'
import {
  firstRefreshToken,
  readRefreshToken,
  successorOf,
  writeRefreshToken,
} from '../../../consent-ui/oauth/refresh-token.ts'
import { randomSecret } from '../../../core/keys/hash.ts'
import { as, operatorKey, ringOf } from '../support/keys.ts'

const KEY = operatorKey('one')
const RING = ringOf(KEY)
const FIRST = firstRefreshToken(randomSecret(), randomSecret())

describe('A refresh token', () => {
  it('is the same after writing and reading', () =>
    assert.deepEqual(readRefreshToken(writeRefreshToken(FIRST)), FIRST))

  for (const [what, change] of Object.entries({
    'an empty text': () => '',
    'another version': (token: string) => token.replace('qcr1', 'qcr2'),
    'one part too few': (token: string) => token.slice(0, token.lastIndexOf('.')),
    'one part too many': (token: string) => `${token}.x`,
    'a generation that is not a number': (token: string) => token.replace('.1.', '.x.'),
    'a generation out of bounds': (token: string) => token.replace('.1.', '.1234567890.'),
    'a session id that would name another key': (token: string) => token.replace('qcr1.', 'qcr1.}:*'),
    'a line break at the end': (token: string) => `${token}\n`,
  })) {
    it(`is not valid with ${what}`, () => {
      assert.equal(readRefreshToken(change(writeRefreshToken(FIRST))), undefined)
    })
  }
})

describe('The successor of a refresh token', () => {
  const successor = successorOf(RING, FIRST, 'one')

  it('has the next generation and its own secret, and the same session and share', () => {
    assert.equal(successor?.generation, 2)
    assert.equal(successor.sessionId, FIRST.sessionId)
    assert.equal(successor.share, FIRST.share)
    assert.notEqual(successor.secret, FIRST.secret)
    assert.ok(readRefreshToken(writeRefreshToken(successor)))
  })

  it('is the same each time, also after a key rotation', () => {
    assert.deepEqual(successorOf(RING, FIRST, 'one'), successor)
    assert.deepEqual(successorOf(ringOf(operatorKey('two'), as('accept', KEY)), FIRST, 'one'), successor)
  })

  it('cannot be derived without the secret, the session, the generation and the key', () => {
    const others = [
      successorOf(RING, { ...FIRST, secret: randomSecret() }, 'one'),
      successorOf(RING, { ...FIRST, sessionId: randomSecret() }, 'one'),
      successorOf(RING, { ...FIRST, generation: 2 }, 'one'),
      successorOf(ringOf(operatorKey('one')), FIRST, 'one'),
    ]
    for (const other of others) assert.notEqual(other?.secret, successor?.secret)
  })

  it('cannot be derived if its key is gone or only for registrations', () => {
    assert.equal(successorOf(RING, FIRST, 'gone'), undefined)
    assert.equal(successorOf(ringOf(operatorKey('two'), as('registrations', KEY)), FIRST, 'one'), undefined)
  })
})
