import assert from 'node:assert/strict'
import { StoreUnavailableError } from '../../../authz/sessions/session-cache.ts'
import { UnknownSigners } from '../../../authz/tokens/unknown-signers.ts'
import { createLog } from '../../../core/log/log.ts'
import { markSigningKey } from '../../../core/keys/signing-mark.ts'
import { connectTo } from '../../core/support/store.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { beforeAll } from '../../support/before-all.ts'

const ORIGIN = 'https://connect.example'
const MINUTE_MS = 60_000

describe('UnknownSigners', () => {
  let nowMs: number
  let lines: string[]
  let signers: UnknownSigners

  const valkey = beforeAll(() => startValkey())
  const store = beforeAll(() => connectTo(valkey.url))

  beforeEach(async () => {
    await store.flushall()
    await store.config('RESETSTAT')
    nowMs = 0
    lines = []
    const log = createLog('test', 'info', { write: (line) => void lines.push(line) })
    signers = new UnknownSigners({ store, origin: ORIGIN, log, elapsedMs: () => nowMs })
  })

  const mark = (keyId: string, origin = ORIGIN) => markSigningKey(store, { origin, keyId, seconds: 60 })

  async function lookUps(): Promise<number> {
    return Number(/cmdstat_ttl:calls=(\d+)/.exec(await store.info('commandstats'))?.[1] ?? 0)
  }

  it('finds keys that Redis marks as signing for this Connect host, and no others', async () => {
    await mark('new')
    await mark('theirs', 'https://connect.example.org')
    assert.equal(await signers.signs('new'), true)
    assert.equal(await signers.signs('theirs'), false)
    assert.equal(lines.length, 1)
    assert.ok(lines[0]?.includes('signing key missing') && lines[0].includes('"key":"new"'))
  })

  it('looks up a key once for concurrent callers, then once a minute, or once a second if it does not sign', async () => {
    await mark('new')
    await Promise.all(Array.from({ length: 50 }, () => signers.signs('new')))
    for (nowMs = 0; nowMs < MINUTE_MS; nowMs += 10_000) await signers.signs('new')
    assert.equal(await lookUps(), 1)
    assert.equal(await signers.signs('next'), false)
    await mark('next')
    assert.equal(await signers.signs('next'), false)
    nowMs += 1000
    assert.equal(await signers.signs('next'), true)
    assert.equal(await lookUps(), 3)
  })

  it('looks up at most 60 keys and logs at most 6 per minute, then throws', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `made-up-${index}`)
    await Promise.all(ids.map((id) => mark(id)))
    const results = await Promise.allSettled(ids.map((id) => signers.signs(id)))
    const refused = results.filter(({ status }) => status === 'rejected')
    assert.equal(refused.length, 40)
    for (const { reason } of refused as PromiseRejectedResult[])
      assert.ok(reason instanceof StoreUnavailableError)
    assert.equal(await lookUps(), 60)
    assert.equal(lines.length, 6)
    nowMs += MINUTE_MS
    assert.equal(await signers.signs('made-up-99'), true)
  })

  it('throws while Redis is down', async () => {
    await valkey.kill()
    await assert.rejects(signers.signs('new'), StoreUnavailableError)
    await valkey.restart()
  })
})
