import assert from 'node:assert/strict'
import { startValkey } from '../../support/store/valkey.ts'
import { question, type Answer } from '../support/envoy.ts'
import { startGate } from '../support/gate.ts'
import { json, REFUSED } from '../support/registry.ts'
import { assertInvalid, assertUnavailable } from '../support/verdicts.ts'
import { beforeAll } from '../../support/before-all.ts'

const BODY = 'a1b2c3d4e5'.repeat(5)
const keyNamed = (name: string): string => `qk_${name}${BODY}`
const me = (value: object | null) => json(200, { data: { me: value } })
const ADA = me({ name: 'ada' })

describe('authz with an API key', () => {
  const store = beforeAll(() => startValkey())
  const gate = beforeAll(() => startGate(store, { apiKeys: 'full' }))

  beforeEach(() => {
    gate.registry.answer(ADA)
    gate.registry.requests.length = 0
    gate.lines.length = 0
  })

  const show = (key: string, address = '203.0.113.1', method = 'POST'): Promise<Answer> =>
    gate.envoy.ask(question({ authorization: `Bearer ${key}`, 'x-envoy-external-address': address }, method))

  it('allows the owner, forwards the key unchanged and logs only its fingerprint', async () => {
    const key = keyNamed('good')
    for (const temperature of ['cold', 'warm']) {
      const answer = await show(key)
      assert.deepEqual([answer.kind, answer.code], ['ok_response', 0], temperature)
      assert.deepEqual(Object.fromEntries(answer.headers), {
        authorization: `Bearer ${key}`,
        'x-envoy-upstream-rq-timeout-ms': '3600000',
      })
      assert.ok(answer.removed.includes('cookie'))
      assert.deepEqual(answer.metadata, {
        service: 'platform',
        decision: 'allow',
        reason: 'valid_api_key',
        subject: 'ada',
        client: 'qk_goo...4e5',
        access: 'full',
        tool_access: 'not_needed',
      })
    }
    assert.equal(gate.registry.requests.length, 1)
    assert.ok(!JSON.stringify(gate.lines).includes(BODY))
  })

  it('allows a known key without Redis', async () => {
    const reads = gate.store.reads
    await show(keyNamed('good'))
    assert.equal(gate.store.reads, reads)
  })

  it('limits the stream of a GET to 5 minutes', async () => {
    const { headers } = await show(keyNamed('good'), undefined, 'GET')
    assert.equal(headers.get('x-envoy-upstream-rq-timeout-ms'), '300000')
  })

  it('refuses an unknown key and does not ask the Registry again at once', async () => {
    for (const [name, answer] of [
      ['nouser', me(null)],
      ['unknown', REFUSED],
    ] as const) {
      gate.registry.answer(answer)
      gate.registry.requests.length = 0
      for (const temperature of ['cold', 'warm']) {
        const refused = await show(keyNamed(name))
        assertInvalid(refused, 'api_key_refused')
        assert.equal(refused.metadata.client, `qk_${name.slice(0, 3)}...4e5`, temperature)
      }
      assert.equal(gate.registry.requests.length, 1)
    }
  })

  it('refuses a malformed key without asking the Registry', async () => {
    for (const key of ['qk_', 'qk_short', keyNamed('a'.repeat(300)), `qk_${'='.repeat(30)}`]) {
      const refused = await show(key)
      assertInvalid(refused, 'api_key_malformed')
      assert.equal(refused.metadata.client, undefined)
    }
    assert.equal(gate.registry.requests.length, 0)
  })

  it('refuses a key beside another credential', async () => {
    for (const value of [`Bearer ${keyNamed('good')},Bearer x`, `Bearer x, Bearer ${keyNamed('good')}`]) {
      assertInvalid(await gate.envoy.ask(question({ authorization: value })), 'several_credentials')
    }
  })

  it('answers 503, never 401, while the Registry fails, hangs or is down', async () => {
    gate.registry.answer(json(500, {}))
    assertUnavailable(await show(keyNamed('failing')), 'registry_unavailable')
    gate.registry.hang()
    const begun = performance.now()
    assertUnavailable(await show(keyNamed('hanging')), 'registry_unavailable')
    assert.ok(performance.now() - begun < 500, 'before Envoy gives up')
  })

  it('refuses a revoked key within 60 seconds', async () => {
    assert.equal((await show(keyNamed('revoked'))).kind, 'ok_response')
    gate.registry.answer(REFUSED)
    gate.clock.skippedMs += 60_000
    assertInvalid(await show(keyNamed('revoked')), 'api_key_refused')
  })

  it('stops asking about guessed keys from one address or its /64, while valid keys pass', async () => {
    assert.equal((await show(keyNamed('good'), '2001:db8::1')).kind, 'ok_response')
    gate.registry.answer(REFUSED)
    const guess = (name: string, address: string): Promise<Answer> => show(keyNamed(name), address)
    for (let turn = 0; turn < 50; turn += 1) await guess(`guess${turn}`, `2001:db8::${turn + 1}`)
    // The clock goes on meanwhile, and gives a few more.
    const answers: Answer[] = []
    for (let turn = 0; turn < 30; turn += 1) answers.push(await guess(`more${turn}`, '2001:db8::ffff'))
    const last = answers.at(-1)
    assert.ok(last !== undefined)
    assertUnavailable(last, 'too_many_api_keys')
    assert.ok(gate.registry.requests.length < 70, `${gate.registry.requests.length} questions`)
    assert.equal((await show(keyNamed('good'), '2001:db8::1')).kind, 'ok_response')
    assertInvalid(await guess('elsewhere', '2001:db8:0:1::1'), 'api_key_refused')
  })

  it('never logs the key', async () => {
    const answers = [ADA, me(null), json(500, { message: keyNamed('echo') })]
    for (const [index, answer] of answers.entries()) {
      gate.registry.answer(answer)
      await show(keyNamed(`logged${index}`), '198.51.100.1')
    }
    await show(`${keyNamed('malformed')}${BODY.repeat(9)}`)
    assert.ok(gate.lines.length >= 4)
    assert.ok(!JSON.stringify(gate.lines).includes(BODY))
  })

  it('gives read access only with API_KEYS=read', async () => {
    const reading = await startGate(store, { apiKeys: 'read' })
    reading.registry.answer(ADA)
    const { kind, metadata } = await reading.envoy.present(keyNamed('good'))
    assert.deepEqual([kind, metadata.access, metadata.tool_access], ['ok_response', 'read', 'needed'])
  })

  it('refuses every key with API_KEYS=off without asking the Registry', async () => {
    const closed = await startGate(store)
    assertInvalid(await closed.envoy.present(keyNamed('good')), 'api_keys_off')
    assert.equal(closed.registry.requests.length, 0)
  })
})
