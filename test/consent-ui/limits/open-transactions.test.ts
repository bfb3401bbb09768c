import assert from 'node:assert/strict'
import { startConnect } from '../support/connect.ts'
import { openConsent } from '../support/person.ts'
import { keysAddedBy } from '../support/store.ts'
import { Callers, newCaller, times } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

const MAX_OPEN = 5

describe('The limit on open transactions', () => {
  const connect = beforeAll(() =>
    startConnect({ settings: { RATE_LIMIT_OPEN_TRANSACTIONS: `${MAX_OPEN}/600` } }),
  )
  const callers = beforeAll(() => new Callers(connect))
  const client = beforeAll(() => connect.client())

  it('returns a 503 page with Retry-After, stores nothing and logs one alarm', async () => {
    assert.deepEqual(
      new Set(await times(MAX_OPEN, () => callers.authorize(client, newCaller()))),
      new Set([303]),
    )
    connect.lines.length = 0
    const added = await keysAddedBy(connect.redis, async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        const answer = await callers.authorize(client, newCaller())
        assert.equal(answer.status, 503)
        assert.match(answer.text, /Too many sign-ins at once/)
        assert.match(answer.text, /Try again/)
        assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
        assert.deepEqual(answer.headers.getSetCookie(), [])
      }
    })
    assert.deepEqual(added, [])
    assert.equal((await connect.get('/connect/apps', newCaller())).status, 503)
    const errors = connect.lines.map((line) => JSON.parse(line) as { level: number; alarm?: string })
    assert.deepEqual(
      errors.filter(({ level }) => level >= 50).map(({ alarm }) => alarm),
      ['open_transactions'],
    )
  })

  it('accepts sign-ins again after its interval', async () => {
    await connect.passTime(600)
    assert.equal((await openConsent(connect.browser(), client.authorizationUrl())).status, 200)
  })
})
