import assert from 'node:assert/strict'
import type { Adapter, AdapterFactory } from 'oidc-provider'
import { memoryAdapter } from '../../../../deploy/demo/identity-provider/memory-adapter.ts'

describe('memoryAdapter', () => {
  let clock: number
  let adapterOf: (model: string) => Adapter

  beforeEach(() => {
    clock = 1_000_000
    const create: AdapterFactory = memoryAdapter(() => clock)
    adapterOf = create
  })

  it('forgets an entry from the millisecond in which it expires', async () => {
    const codes = adapterOf('AuthorizationCode')
    await codes.upsert('one', { clientId: 'a' }, 60)
    clock += 59_999
    assert.deepEqual(await codes.find('one'), { clientId: 'a' })
    clock += 1
    assert.equal(await codes.find('one'), undefined)
  })

  it('keeps models separate, and finds a session by its uid', async () => {
    await adapterOf('Session').upsert('one', { uid: 'u' }, 60)
    assert.equal(await adapterOf('Interaction').find('one'), undefined)
    assert.equal(await adapterOf('Interaction').findByUid('u'), undefined)
    assert.deepEqual(await adapterOf('Session').findByUid('u'), { uid: 'u' })
  })

  it('marks a code as consumed, and revokes all entries of one grant', async () => {
    const codes = adapterOf('AuthorizationCode')
    const refreshTokens = adapterOf('RefreshToken')
    await codes.upsert('one', { grantId: 'g' }, 60)
    await refreshTokens.upsert('two', { grantId: 'g' }, 60)
    await refreshTokens.upsert('three', { grantId: 'h' }, 60)
    await codes.consume('one')
    assert.deepEqual(await codes.find('one'), { grantId: 'g', consumed: 1000 })
    await codes.revokeByGrantId('g')
    assert.equal(await codes.find('one'), undefined)
    assert.equal(await refreshTokens.find('two'), undefined)
    assert.deepEqual(await refreshTokens.find('three'), { grantId: 'h' })
  })
})
