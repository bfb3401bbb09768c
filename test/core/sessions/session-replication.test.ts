import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { randomSecret } from '../../../core/keys/hash.ts'
import type { Store } from '../../../core/store/redis.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { caughtUp } from '../../support/store/caught-up.ts'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { startValkey, type Valkey } from '../../support/store/valkey.ts'
import { sessionFacts } from '../support/session.ts'
import { connectTo } from '../support/store.ts'

describe('Ending a session', () => {
  let master: Valkey
  let redis: Redis
  let replica: Valkey

  before(async () => {
    const [port = 0] = await freePorts(1)
    const settings = { bind: '127.0.0.1', port: String(port), 'repl-diskless-sync-delay': '0' }
    master = await startValkey(settings)
    redis = await connectTo(master.url)
    replica = await startValkey({ replicaof: `127.0.0.1 ${port}` })
    await redis.flushall()
    await caughtUp(redis)
  })

  it('waits until a replica has the change', async () => {
    const id = await openSession(redis)
    await caughtUp(redis)
    const copy = new SessionStore(await connectTo(replica.url))
    assert.ok((await copy.find(id)) !== undefined)
    assert.equal(await new SessionStore(redis).end(id, 'change-1'), 'replicated')
    assert.equal(await copy.find(id), undefined)
  })

  it('reports a replica that does not answer, and still ends the session', async () => {
    const id = await openSession(redis)
    replica.pause()
    const begun = performance.now()
    assert.equal(await new SessionStore(redis).end(id, 'change-1'), 'not_replicated')
    assert.ok(performance.now() - begun < 500)
    assert.equal(await new SessionStore(redis).find(id), undefined)
    replica.resume()
  })

  it('waits for the replica when a session is downgraded too', async () => {
    const id = await openSession(redis)
    await caughtUp(redis)
    const copy = new SessionStore(await connectTo(replica.url))
    assert.equal(await new SessionStore(redis).downgrade(id, 'change-1'), 'replicated')
    assert.equal((await copy.find(id))?.narrowedTo, 'read')
    assert.equal(await new SessionStore(redis).downgrade('unknown', 'change-2'), 'gone')
  })

  it('does not wait without a replica', async () => {
    const alone = await connectTo((await startValkey()).url)
    const id = await openSession(alone)
    const begun = performance.now()
    assert.equal(await new SessionStore(alone).end(id, 'change-1'), 'no_replica')
    assert.ok(performance.now() - begun < 150)
  })
})

/** @returns its id */
async function openSession(store: Store): Promise<string> {
  const session = { ...sessionFacts(), sealedCredential: 'sealed' }
  const code = { hash: randomUUID(), record: 'issued', usedMarker: 'used', usedSeconds: 60 }
  const sessions = new SessionStore(store)
  await sessions.issueCode(session.id, code.hash, { record: 'issued', seconds: 60 })
  const refresh = { hash: randomSecret(), generation: 1, keyId: 'key-1' }
  assert.ok(await sessions.openSession(code, { session, refresh, idleSeconds: 60 }))
  return session.id
}
