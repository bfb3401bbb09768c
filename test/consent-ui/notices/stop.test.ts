import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createNotices } from '../../../consent-ui/notices/create-notices.ts'
import type { Notices } from '../../../consent-ui/notices/notices.ts'
import { NO_AUDIT } from '../../../core/audit/audit-entry.ts'
import { beforeAll } from '../../support/before-all.ts'
import { until } from '../../support/until.ts'
import { connectOnce } from '../consent/support.ts'
import { startConnect } from '../support/connect.ts'
import { MailReceiver, startBoth, WebhookReceiver } from './support.ts'

describe('A notice at the stop of consent-ui', () => {
  const receiver = new MailReceiver()
  const webhook = new WebhookReceiver()
  const connect = beforeAll(async () => startConnect({ settings: await startBoth(receiver, webhook) }))

  /** With a minute between two attempts. */
  async function begun(): Promise<Notices> {
    const { session } = await connectOnce(connect, await connect.client())
    await connect.notices.settled()
    receiver.mails.splice(0)
    const { log } = connect
    const notices = createNotices(connect.config, {
      redis: connect.redis,
      audit: NO_AUDIT,
      log,
      now: connect.now,
      retryAfterMs: [60_000],
    })
    notices.opened({ ...session, clientId: randomUUID() })
    return notices
  }

  it('gets its last attempt at once, where it would wait for the next one', async () => {
    const notices = await begun()
    receiver.refusals = 1
    await until(() => notices.counts.count({ way: 'mail', outcome: 'retried' }) === 1, 'the first attempt')
    await notices.stop(10_000)
    assert.equal(receiver.mails.length, 1)
    assert.ok(!connect.lines.some((line) => line.includes('given up')))
  })

  it('is given up when it fails again or takes too long, and the log says how many', async () => {
    const notices = await begun()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    webhook.isReady = promise
    receiver.refusals = 2
    await until(() => notices.counts.count({ way: 'mail', outcome: 'retried' }) === 1, 'the first attempt')
    await notices.stop(500)
    assert.match(connect.lines.at(-1) ?? '', /"failed":1,"unfinished":1.*given up at the stop/)
    resolve(undefined)
    await notices.settled()
  })
})
