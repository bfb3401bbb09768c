import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { startValkey } from '../../../support/store/valkey.ts'
import { question, type Answer } from '../../support/envoy.ts'
import { openSession } from '../../support/sessions.ts'
import { startGate } from '../../support/gate.ts'
import { assertInvalid, assertUnavailable } from '../../support/verdicts.ts'
import { beforeAll } from '../../../support/before-all.ts'

const FORGED = 1500

describe('authz during a flood of forged tokens', () => {
  let token: string
  let flood: Promise<Answer>[]
  let known: Answer[]

  const gate = beforeAll(async () => await startGate(await startValkey()))

  before(async () => {
    const opening = openSession()
    token = await gate.issueToken(opening)
    await gate.envoy.present(token)
    const [header, claims] = token.split('.')
    const forge = (): string => [header, claims, randomBytes(64).toString('base64url')].join('.')
    flood = Array.from({ length: FORGED }, (_, number) =>
      gate.envoy.ask(
        question({
          authorization: `Bearer ${forge()}`,
          'x-envoy-external-address': `10.0.${number >> 8}.${number & 255}`,
        }),
      ),
    )
    known = await Promise.all(Array.from({ length: 100 }, () => gate.envoy.present(token)))
  })

  it('allows none of them, and answers 503 to those that it did not verify', async () => {
    const answers = await Promise.all(flood)
    const unseen = answers.filter(({ httpStatus }) => httpStatus === 503)
    for (const answer of unseen) assertUnavailable(answer, 'too_many_new_tokens')
    const refused = answers.filter((answer) => !unseen.includes(answer))
    for (const answer of refused) assertInvalid(answer, 'token_bad_signature')
    assert.ok(unseen.length > 100 && refused.length >= 200, `${unseen.length}, ${refused.length}`)
  })

  it('allows all known tokens', () => {
    assert.deepEqual(new Set(known.map(({ kind }) => kind)), new Set(['ok_response']))
  })

  it('reads Redis for none of them', () => {
    assert.equal(gate.store.reads, 1)
  })
})

describe('authz right after its start', () => {
  const OFFICE = { 'x-envoy-external-address': '203.0.113.7' }
  const CLIENTS = 300

  const gate = beforeAll(async () => await startGate(await startValkey()))

  async function presentAll(tokens: readonly string[]): Promise<Answer[]> {
    return await Promise.all(
      tokens.map((token) => gate.envoy.ask(question({ authorization: `Bearer ${token}`, ...OFFICE }))),
    )
  }

  it('allows 300 clients of one office at once, beside 50 forged tokens', async () => {
    const openings = Array.from({ length: CLIENTS + 50 }, () => openSession())
    await Promise.all(openings.map((opening) => gate.save(opening)))
    const tokens = await Promise.all(openings.map((opening) => gate.signer.sign(opening)))
    const passed = await presentAll(tokens.slice(0, CLIENTS))
    assert.deepEqual(new Set(passed.map(({ kind }) => kind)), new Set(['ok_response']))
    const [header, claims] = (tokens[0] ?? '').split('.')
    const forge = (): string => [header, claims, randomBytes(64).toString('base64url')].join('.')
    for (const answer of await presentAll(Array.from({ length: 100 }, forge))) {
      assertInvalid(answer, 'token_bad_signature')
    }
    const later = await presentAll(tokens.slice(CLIENTS))
    assert.deepEqual(new Set(later.map(({ kind }) => kind)), new Set(['ok_response']))
  })
})
