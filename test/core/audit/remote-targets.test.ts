import assert from 'node:assert/strict'
import { z } from 'zod'
import { AuditLog } from '../../../core/audit/audit-log.ts'
import { auditSettings, auditVariables } from '../../../core/audit/audit-settings.ts'
import { SYSLOG_HEADER } from '../../../core/audit/syslog-writer.ts'
import { createLog } from '../../../core/log/log.ts'
import { listenOnFreePort } from '../../support/free-port.ts'
import { distrustTestServer, trustTestServer } from '../../support/tls/test-server.ts'
import { until } from '../../support/until.ts'
import { ORIGIN } from '../support/keys.ts'
import { ManualWriter, newAuditKeys, verify } from './support/audit.ts'
import { Collector, SyslogServer } from './support/receivers.ts'

const entry = { name: 'SignIn', by: 'user', person: { name: 'Zoë', email: 'zoe@example.com' } } as const
const AUDIT_KEYS = newAuditKeys()
const RFC_5424 = /^<110>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ quilt-connect \d+ Connect\.\w+ - \{/

function linesOf({ messages }: SyslogServer): string[] {
  return messages.map((message) => message.replace(SYSLOG_HEADER, ''))
}

describe('The audit log, sent to a server', () => {
  const logged: string[] = []
  const log = createLog('authz', 'info', { write: (line) => void logged.push(line) })
  const { keys } = settingsOf('https://collector.example')

  before(trustTestServer)
  after(distrustTestServer)
  beforeEach(() => {
    logged.length = 0
  })

  function settingsOf(target: string, changes: Record<string, string> = {}) {
    const variables = { AUDIT_LOG: target, AUDIT_KEYS, ...changes }
    const settings = auditSettings({
      ...z.object(auditVariables).parse(variables),
      CONNECT_ORIGIN: ORIGIN,
    })
    assert.ok(settings !== 'off')
    return settings
  }

  async function auditTo(
    target: string,
    changes: Record<string, string> = {},
    maxStopMs?: number,
  ): Promise<AuditLog> {
    const settings = settingsOf(target, changes)
    const audit = new AuditLog({
      settings,
      part: 'authz',
      log,
      nowMs: () => Date.now(),
      retryMs: 1,
      ...(maxStopMs === undefined ? {} : { maxStopMs }),
    })
    await audit.begin()
    return audit
  }

  const messagesLogged = (): unknown[] =>
    logged.map((line) => (JSON.parse(line) as { message: string }).message)

  for (const isTls of [true, false]) {
    it(`arrives at a syslog server over ${isTls ? 'TLS' : 'TCP'}, each line a message of RFC 5424`, async () => {
      const server = new SyslogServer({ isTls })
      const audit = await auditTo(await server.start())
      for (let count = 0; count < 500; count += 1) audit.record(entry)
      await audit.stop()
      await until(() => server.messages.length === 502, 'the messages')
      for (const message of server.messages) assert.match(message, RFC_5424)
      const [chain] = verify(keys, linesOf(server)).chains
      assert.deepEqual([chain?.fault, chain?.hasEnded, chain?.provenLines], [undefined, true, 502])
      assert.equal(server.connections, 1)
    })
  }

  it('connects again after the syslog server closed, and sends the last batch again', async () => {
    const server = new SyslogServer({ isTls: true })
    const audit = await auditTo(await server.start())
    audit.record(entry)
    await until(() => server.messages.length === 2, 'the first lines')
    server.disconnect()
    await until(() => server.sockets.size === 0, 'the end of the connection')
    audit.record(entry)
    await until(() => server.connections === 2, 'a second connection')
    await audit.stop()
    await until(() => server.messages.at(-1)?.includes('AuditEnded') === true, 'the last line')
    const [chain] = verify(keys, linesOf(server), { mayRepeat: true }).chains
    assert.deepEqual([chain?.fault, chain?.hasEnded, chain?.provenLines], [undefined, true, 4])
    assert.ok((chain?.repeatedLines ?? 0) > 0)
  })

  it('A04: sends nothing to a syslog server whose certificate is not trusted', async () => {
    const server = new SyslogServer({ isTls: true })
    distrustTestServer()
    const audit = await auditTo(await server.start())
    await until(() => logged.length > 0, 'the problem in the log')
    assert.deepEqual(messagesLogged(), ['audit: lines cannot be written'])
    assert.equal(server.messages.length, 0)
    trustTestServer()
    await audit.stop()
    await until(() => server.messages.length === 2, 'the lines')
  })

  it('is posted to a collector as NDJSON, with the headers of AUDIT_LOG_HEADERS', async () => {
    const collector = new Collector()
    const headers = { AUDIT_LOG_HEADERS: '{"Authorization":"Bearer a-secret-of-the-collector"}' }
    const audit = await auditTo(await collector.start(), headers)
    for (let count = 0; count < 500; count += 1) audit.record(entry)
    await audit.stop()
    const [chain] = verify(keys, collector.lines()).chains
    assert.deepEqual([chain?.fault, chain?.hasEnded, chain?.provenLines], [undefined, true, 502])
    for (const post of collector.posts) {
      assert.equal(post.headers.authorization, 'Bearer a-secret-of-the-collector')
      assert.equal(post.headers['content-type'], 'application/x-ndjson')
    }
    assert.ok(collector.posts.length < 10, 'lines are sent in batches')
    assert.ok(collector.connections < collector.posts.length, 'a connection is used again')
  })

  it('is posted again until the collector takes it: not after a redirect, not after an error', async () => {
    const collector = new Collector()
    collector.statuses.push(503, 307, 401)
    const headers = { AUDIT_LOG_HEADERS: '{"x-key":"a-secret-of-the-collector"}' }
    const audit = await auditTo(await collector.start(), headers)
    audit.record(entry)
    await until(() => collector.lines().length === 2, 'the lines')
    await audit.stop()
    assert.equal(verify(keys, collector.lines()).chains[0]?.fault, undefined)
    assert.deepEqual(messagesLogged().slice(0, 2), [
      'audit: lines cannot be written',
      'audit: lines can be written again',
    ])
    assert.match(logged.join(), /the collector answered with HTTP 503/)
    assert.ok(!logged.join().includes('a-secret'))
  })

  it('starts while the collector is down; required, it has no room until the collector was there once', async () => {
    const listening = await listenOnFreePort(() => undefined)
    listening.stop()
    const target = listening.origin
    const required = await auditTo(target, { AUDIT_REQUIRED: 'true' }, 1)
    const optional = await auditTo(target, {}, 1)
    await until(() => logged.length > 1, 'the problem in the log')
    assert.deepEqual([required.hasRoom, optional.hasRoom], [false, true])
    await Promise.all([required.stop(), optional.stop()])
    assert.ok(messagesLogged().includes('audit: events lost at the stop'))
  })

  it('keeps room during an outage of the collector until its queue is nearly full', async () => {
    const writer = new ManualWriter({ isRemote: true })
    const settings = settingsOf('https://collector.example', { AUDIT_REQUIRED: 'true' })
    const options = {
      settings,
      part: 'authz',
      log,
      nowMs: () => Date.now(),
      retryMs: 1,
      maxQueued: 10,
      writer,
    }
    const audit = new AuditLog(options)
    await audit.begin()
    await until(() => audit.hasRoom, 'the first line')
    writer.failures = Infinity
    audit.record(entry)
    await until(() => logged.length > 0, 'the outage')
    assert.equal(audit.hasRoom, true)
    for (let count = 0; count < 6; count += 1) audit.record(entry)
    assert.equal(audit.hasRoom, false)
    writer.failures = 0
    await until(() => audit.hasRoom, 'the recovery')
    await audit.stop()
    assert.equal(verify(keys, writer.lines).chains[0]?.provenLines, 9)
  })
})
