import assert from 'node:assert/strict'
import { startValkey } from '../../../support/store/valkey.ts'
import { question } from '../../support/envoy.ts'
import { openSession, SERVICE } from '../../support/sessions.ts'
import { startGate, type Gate } from '../../support/gate.ts'
import { json } from '../../support/registry.ts'

const KEY = `qk_granted${'a1b2c3d4e5'.repeat(5)}`

describe('authz after the operator set grants: [read]', () => {
  let unlimited: Gate
  let limited: Gate

  before(async () => {
    const store = await startValkey()
    unlimited = await startGate(store, { apiKeys: 'full' })
    const services = [{ ...SERVICE, grants: ['read'] }] as const
    limited = await startGate(store, { apiKeys: 'full', signer: unlimited.signer, services })
    for (const gate of [unlimited, limited])
      gate.registry.answer(json(200, { data: { me: { name: 'ada' } } }))
  })

  const accessOf = async (gate: Gate, credential: string): Promise<unknown[]> => {
    const { metadata } = await gate.envoy.ask(question({ authorization: `Bearer ${credential}` }))
    return [metadata.decision, metadata.access, metadata.tool_access]
  }

  it('gives a session with full access only read access, from its next request', async () => {
    const opening = openSession({ access: 'full' })
    await unlimited.save(opening)
    const token = await unlimited.signer.sign(opening)
    assert.deepEqual(await accessOf(unlimited, token), ['allow', 'full', 'not_needed'])
    assert.deepEqual(await accessOf(limited, token), ['allow', 'read', 'needed'])
  })

  it('gives an API key only read access', async () => {
    assert.deepEqual(await accessOf(unlimited, KEY), ['allow', 'full', 'not_needed'])
    assert.deepEqual(await accessOf(limited, KEY), ['allow', 'read', 'needed'])
  })
})
