import assert from 'node:assert/strict'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { onEachStore } from '../../support/store/each-store.ts'
import { sessionStoreContract } from '../../support/store-contract/session-store.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { connectTo } from '../support/store.ts'

onEachStore('SessionStore', sessionStoreContract)

describe('SessionStore', () => {
  it('throws while Redis cannot answer', async () => {
    const valkey = await startValkey()
    const store = new SessionStore(await connectTo(valkey.url))
    await valkey.kill()
    await assert.rejects(store.find('session'))
    await assert.rejects(store.end('session', 'change-1'))
    const refresh = { hash: 'second', generation: 2, keyId: 'key-1' }
    const rotation = store.rotate({ sessionId: 'session', hash: 'first' }, { refresh, idleSeconds: 60 })
    await assert.rejects(rotation)
  })
})
