import assert from 'node:assert/strict'
import {
  belongsToSession,
  judgeRefreshToken,
  type RefreshTokenState,
} from '../../../consent-ui/oauth/judge-refresh-token.ts'
import {
  afterExchange,
  beginHistory,
  networkTag,
  readHistory,
  writeHistory,
} from '../../../consent-ui/oauth/refresh-history.ts'
import {
  firstRefreshToken,
  successorOf,
  writeRefreshToken,
  type RefreshToken,
} from '../../../consent-ui/oauth/refresh-token.ts'
import { randomSecret, sha256 } from '../../../core/keys/hash.ts'
import type { KeyRing } from '../../../core/keys/keys.ts'
import { as, operatorKey, ringOf } from '../support/keys.ts'

const START = 1_795_500_000
const [HOME, OFFICE] = ['home', 'office']
const KEY = operatorKey('one')

/** The refresh tokens of one session, by generation. */
class Line {
  readonly tokens: RefreshToken[]
  state: RefreshTokenState
  now = START
  ring: KeyRing = ringOf(KEY)

  constructor(network = HOME) {
    const first = firstRefreshToken(randomSecret(), randomSecret())
    this.tokens = [first]
    this.state = { hash: hashOf(first), generation: 1, history: beginHistory(network) }
  }

  get current(): RefreshToken {
    const token = this.tokens.at(-1)
    assert.ok(token !== undefined)
    return token
  }

  token(generation: number): RefreshToken {
    const token = this.tokens[generation - 1]
    assert.ok(token !== undefined)
    return token
  }

  exchange(network = HOME): this {
    const { current, now } = this
    const keyId = this.ring.current.id
    const successor = successorOf(this.ring, current, keyId)
    assert.ok(successor !== undefined)
    const exchange = { hash: hashOf(current), at: now, network, keyId }
    const history = afterExchange(this.state.history, exchange, current.generation)
    // Through its stored form.
    this.state = {
      hash: hashOf(successor),
      generation: successor.generation,
      history: readHistory(writeHistory(history)),
    }
    this.tokens.push(successor)
    return this
  }

  later(seconds: number): this {
    this.now += seconds
    return this
  }

  judge(token: RefreshToken, network = HOME, hasProvenKey = false): string {
    const request = { network, hasProvenKey, now: this.now }
    return judgeRefreshToken(this.ring, token, { state: this.state, request }).is
  }
}

function hashOf(token: RefreshToken): string {
  return sha256(writeRefreshToken(token))
}

describe('A refresh token', () => {
  it('is current until it is exchanged, from any network', () => {
    const line = new Line()
    for (const network of [HOME, OFFICE, '']) assert.equal(line.judge(line.token(1), network), 'current')
    line.exchange()
    assert.equal(line.judge(line.token(2)), 'current')
  })

  it('is repeated for two minutes after its exchange, from any network, even if its successors were used', () => {
    const line = new Line().exchange().later(60).exchange().later(60).exchange()
    for (const network of [HOME, OFFICE, '']) {
      for (const generation of [1, 2, 3]) {
        assert.equal(line.judge(line.token(generation), network), 'repeated')
      }
    }
    line.later(1)
    assert.equal(line.judge(line.token(1)), 'replayed')
    assert.equal(line.judge(line.token(2)), 'repeated')
  })

  it('is repeated at any time from the network of its exchange while its successor is unused', () => {
    const line = new Line().exchange(OFFICE).later(86_400)
    assert.equal(line.judge(line.token(1), OFFICE), 'repeated')
    assert.equal(line.judge(line.token(1), HOME), 'contested')
    assert.equal(line.judge(line.token(1), ''), 'replayed')
  })

  it('exchanged last is contested from another network only if that network exchanged an earlier one', () => {
    const line = new Line().exchange(HOME).later(121).exchange(OFFICE).later(121)
    assert.equal(line.judge(line.token(2), HOME), 'contested')
    assert.equal(line.judge(line.token(2), 'airport'), 'replayed')
    assert.equal(line.judge(line.token(2), HOME, true), 'repeated')
    assert.equal(line.judge(line.token(1), HOME), 'replayed', 'not the last exchanged token')
  })

  it('from an unknown network never counts as from the same network', () => {
    const line = new Line('').exchange('').later(121)
    assert.equal(line.judge(line.token(1), ''), 'replayed')
    line.exchange('').later(121)
    for (const network of ['', HOME]) assert.equal(line.judge(line.token(1), network), 'replayed')
  })

  it('two generations old is replayed, not stolen, from a network that has a newer one', () => {
    const line = new Line().exchange(HOME).later(121).exchange(OFFICE).later(121).exchange(HOME).later(121)
    assert.equal(line.judge(line.token(1), HOME), 'replayed')
    assert.equal(line.judge(line.token(1), OFFICE), 'replayed')
    assert.equal(line.judge(line.token(2), HOME), 'replayed')
  })

  it('two generations old is stolen from a network that has no newer one', () => {
    const line = new Line().exchange().later(121).exchange().later(121)
    assert.equal(line.judge(line.token(1), OFFICE), 'stolen')
    assert.equal(line.judge(line.token(1), ''), 'replayed', 'an unknown network is no evidence')
  })

  it('two generations old is stolen even from its owner’s network if only another network has newer ones', () => {
    const line = new Line()
      .exchange(HOME)
      .later(3600)
      .exchange(OFFICE)
      .later(3600)
      .exchange(OFFICE)
      .later(3600)
    assert.equal(line.judge(line.token(2), HOME), 'stolen')
    assert.equal(line.judge(line.token(1), HOME), 'replayed', 'the owner had the next token')
  })

  it('of a client that proved its key is never stolen, from any network', () => {
    const line = new Line().exchange().later(121)
    assert.equal(line.judge(line.token(1), OFFICE, true), 'repeated')
    line.exchange().later(121)
    assert.equal(line.judge(line.token(1), OFFICE, true), 'replayed')
  })

  it('that is made up is unknown and belongs to no session', () => {
    const line = new Line().exchange().later(121).exchange().later(121)
    const [old, x] = [line.token(1), randomSecret()]
    for (const token of [
      { ...old, secret: x },
      { ...old, share: x },
      { ...old, generation: 2 },
      { ...old, generation: 0 },
      { ...line.current, generation: 4 },
      { ...line.current, secret: x },
      { ...old, sessionId: x },
    ]) {
      assert.equal(line.judge(token, OFFICE), 'unknown')
      assert.ok(!belongsToSession(line.ring, token, line.state))
    }
  })

  it('belongs to its session after key rotations, while its key is accepted', () => {
    const line = new Line().exchange()
    const [two, three] = [operatorKey('two'), operatorKey('three')]
    line.ring = ringOf(as('accept', KEY), two)
    line.later(121).exchange().later(121).exchange()
    line.ring = ringOf(as('accept', KEY), as('accept', two), three)
    line.later(121).exchange().later(121)
    for (const token of line.tokens) assert.ok(belongsToSession(line.ring, token, line.state))
    assert.equal(line.judge(line.token(1), OFFICE), 'stolen')
    line.ring = ringOf(as('accept', two), three)
    assert.equal(line.judge(line.token(1), OFFICE), 'unknown', 'its key is gone')
    assert.equal(line.judge(line.token(2), OFFICE), 'stolen')
  })

  it('of 90 days ago is still recognised from a history of bounded size', () => {
    const line = new Line()
    for (let hour = 0; hour < 90 * 24; hour += 1) line.later(3600).exchange()
    assert.equal(line.judge(line.token(1), OFFICE), 'stolen')
    assert.ok(writeHistory(line.state.history).length < 1000, 'the history does not grow')
  })

  it('that is made up costs at most 64 derivations, at every generation', () => {
    const line = new Line()
    for (let hour = 0; hour < 400; hour += 1) line.later(3600).exchange()
    let derivations = 0
    const { keys } = line.state.history
    const counted = Object.assign([...keys], {
      findLast: (...asked: Parameters<typeof keys.findLast>) => {
        derivations += 1
        return keys.findLast(...asked)
      },
    })
    line.state = { ...line.state, history: { ...line.state.history, keys: counted } }
    for (let generation = 0; generation <= 401; generation += 1) {
      derivations = 0
      const made = { ...line.current, generation, secret: randomSecret() }
      assert.equal(line.judge(made, OFFICE), 'unknown', `${generation}`)
      assert.ok(derivations <= 64, `${derivations} for generation ${generation}`)
    }
  })

  it('belongs to its session at every generation, only with its own share, secret and session id', () => {
    const line = new Line()
    for (let hour = 0; hour < 200; hour += 1) line.later(3600).exchange()
    for (const token of line.tokens) {
      assert.ok(belongsToSession(line.ring, token, line.state), `${token.generation}`)
      for (const member of ['share', 'secret', 'sessionId'] as const) {
        const other = { ...token, [member]: randomSecret() }
        assert.ok(!belongsToSession(line.ring, other, line.state), `${member} of ${token.generation}`)
      }
    }
  })

  it('is recognised for 64 generations in a history of an earlier release, and without limit afterwards', () => {
    const line = new Line()
    const without = (): void => {
      const { exchanges, keys, networks } = line.state.history
      line.state = {
        ...line.state,
        history: readHistory(JSON.stringify({ exchanges, keys, networks })),
      }
    }
    for (let hour = 0; hour < 150; hour += 1) {
      line.later(3600).exchange()
      without()
    }
    const [oldest] = line.tokens.slice(-65)
    assert.ok(oldest !== undefined && belongsToSession(line.ring, oldest, line.state))
    assert.ok(!belongsToSession(line.ring, line.token(1), line.state))
    const { current } = line
    for (let hour = 0; hour < 300; hour += 1) line.later(3600).exchange()
    assert.equal(line.judge(current, OFFICE), 'stolen')
  })

  it('has a bounded history even if every request exchanges it', () => {
    const line = new Line()
    for (let request = 0; request < 500; request += 1) line.exchange(`network ${request}`)
    assert.ok(writeHistory(line.state.history).length < 10_000)
    assert.equal(line.judge(line.token(500), OFFICE), 'repeated')
    assert.equal(line.judge(line.token(452), OFFICE), 'repeated')
  })
})

describe('The tag of a network', () => {
  it('differs for each session and reveals no address', () => {
    const tag = networkTag('session-1', '192.0.2.0/24')
    assert.equal(tag, networkTag('session-1', '192.0.2.0/24'))
    assert.notEqual(tag, networkTag('session-2', '192.0.2.0/24'))
    assert.notEqual(tag, networkTag('session-1', '192.0.3.0/24'))
    assert.doesNotMatch(tag, /192/)
    assert.equal(networkTag('session-1', undefined), '')
  })
})
