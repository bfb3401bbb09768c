import assert from 'node:assert/strict'
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditLog, type AuditLogOptions } from '../../../core/audit/audit-log.ts'
import { createLog } from '../../../core/log/log.ts'
import { until } from '../../support/until.ts'
import { operatorKey, testRing, ORIGIN } from '../support/keys.ts'
import { ManualWriter, verify } from './support/audit.ts'

const keys = testRing(ORIGIN, [operatorKey('audit-1')])
const entry = { name: 'SignIn', by: 'user', person: { name: 'ada', email: 'ada@example.com' } } as const

describe('The audit log', () => {
  const logged: string[] = []

  function auditTo(writer: ManualWriter, options: Partial<AuditLogOptions> = {}): AuditLog {
    return new AuditLog({
      settings: { target: 'stdout', isRequired: false, keys },
      part: 'authz',
      log: createLog('authz', 'info', { write: (line) => void logged.push(line) }),
      nowMs: () => 1_800_000_000_000,
      retryMs: 1,
      writer,
      ...options,
    })
  }

  beforeEach(() => {
    logged.length = 0
  })

  it('begins with a line that names process, service and key, and ends with one that closes the chain', async () => {
    const writer = new ManualWriter()
    const audit = auditTo(writer)
    await audit.begin()
    audit.record(entry)
    await audit.stop()
    assert.deepEqual(writer.names(), ['AuditBegan', 'SignIn', 'AuditEnded'])
    const { chains } = verify(keys, writer.lines)
    assert.deepEqual(
      chains.map(({ part, provenLines, unprovenLines, hasEnded, fault }) => ({
        part,
        provenLines,
        unprovenLines,
        hasEnded,
        fault,
      })),
      [{ part: 'authz', provenLines: 3, unprovenLines: 0, hasEnded: true, fault: undefined }],
    )
  })

  it('writes a checkpoint each 1000 lines, which its service logs too', async () => {
    const writer = new ManualWriter()
    const audit = auditTo(writer)
    await audit.begin()
    for (let count = 0; count < 1500; count += 1) audit.record(entry)
    await until(() => writer.lines.length > 1500, 'the lines')
    const [chain] = verify(keys, writer.lines).chains
    assert.ok(writer.names().includes('AuditCheckpoint'))
    assert.ok((chain?.provenLines ?? 0) >= 1000 && (chain?.unprovenLines ?? 0) > 0)
    assert.match(
      logged.join(''),
      new RegExp(`"lines":${chain?.provenLines ?? 0},"message":"audit: checkpoint"`),
    )
  })

  it('A02: counts events without room, and writes the count as an event as soon as there is room', async () => {
    const writer = new ManualWriter()
    const audit = auditTo(writer, { maxQueued: 5 })
    await audit.begin()
    for (let count = 0; count < 8; count += 1) audit.record(entry)
    assert.deepEqual(audit.backlog, { lost: 3, waiting: 5 })
    await until(() => writer.lines.length === 7, 'the lines')
    const last = JSON.parse(writer.lines.at(-1) ?? '') as Record<string, unknown>
    assert.equal(last.eventName, 'Connect.AuditEventsLost')
    await until(() => audit.backlog.waiting === 0, 'the end of the write')
    assert.deepEqual(audit.backlog, { lost: 3, waiting: 0 })
    assert.deepEqual(last.additionalEventData, { by: 'connect', events: 3 })
    assert.equal(verify(keys, writer.lines).chains[0]?.fault, undefined)
  })

  it('writes every line once, in order, after the target failed', async () => {
    const writer = new ManualWriter()
    const audit = auditTo(writer)
    await audit.begin()
    writer.failures = 3
    for (let count = 0; count < 3; count += 1) audit.record(entry)
    await until(() => writer.lines.length === 4, 'the lines')
    assert.equal(verify(keys, writer.lines).chains[0]?.fault, undefined)
    assert.deepEqual(
      logged.map((line) => (JSON.parse(line) as { message: string }).message),
      ['audit: lines cannot be written', 'audit: lines can be written again'],
    )
  })

  it('has no room while the target fails, if it is required', async () => {
    const writer = new ManualWriter()
    const audit = auditTo(writer, { settings: { target: 'stdout', isRequired: true, keys } })
    await audit.begin()
    assert.equal(audit.hasRoom, true)
    writer.failures = Infinity
    audit.record(entry)
    await until(() => !audit.hasRoom, 'the failure')
    writer.failures = 0
    await until(() => audit.hasRoom, 'the recovery')
    assert.equal(writer.lines.length, 2)
  })

  it('has no room when its queue is nearly full, if it is required', async () => {
    const [required, optional] = [true, false].map((isRequired) =>
      auditTo(new ManualWriter(), { settings: { target: 'stdout', isRequired, keys }, maxQueued: 10 }),
    )
    for (let count = 0; count < 6; count += 1) for (const audit of [required, optional]) audit?.record(entry)
    assert.deepEqual([required?.hasRoom, optional?.hasRoom], [false, true])
    await Promise.all([required?.stop(), optional?.stop()])
  })

  it('A03: writes no secret, though a caller may pass one', async () => {
    const writer = new ManualWriter()
    const audit = auditTo(writer)
    await audit.begin()
    const secret = 'eyJhbGciOiJFUzI1NiJ9.eyJrIjoiYWJjIn0.c2lnbmF0dXJl'
    audit.record({ ...entry, reason: secret, origin: { userAgent: `Bearer ${secret}` }, details: { secret } })
    await audit.stop()
    assert.ok(!writer.lines.join('').includes('eyJ'))
    assert.equal(verify(keys, writer.lines).chains[0]?.fault, undefined)
  })

  describe('in a file', () => {
    let folder: string
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'connect-audit-'))
    })
    after(async () => await rm(folder, { recursive: true }))

    function fileAudit(path: string): AuditLog {
      const settings = { target: { path }, isRequired: false, keys }
      const log = createLog('authz', 'silent')
      return new AuditLog({ settings, part: 'authz', log, nowMs: () => 1_800_000_000_000 })
    }

    it('is for its user only, continues after a rotation, and begins on a line of its own', async () => {
      const [path, rotated] = [join(folder, 'audit.log'), join(folder, 'audit.log.1')]
      const audit = fileAudit(path)
      await audit.begin()
      assert.equal((await stat(path)).mode & 0o777, 0o600)
      await rename(path, rotated)
      audit.record(entry)
      await audit.stop()
      const [first, second] = await Promise.all([rotated, path].map((file) => readFile(file, 'utf8')))
      assert.ok(first !== undefined && second !== undefined)
      assert.ok(first.startsWith('\n{'))
      assert.equal(second.split('\n').length, 3)
      const lines = `${first}${second}`.split('\n').filter(Boolean)
      assert.equal(verify(keys, lines).chains[0]?.provenLines, 3)
    })

    it('stops the start if the file cannot be opened', async () => {
      const misplaced = fileAudit(join(folder, 'absent', 'audit.log'))
      await assert.rejects(misplaced.begin(), { code: 'ENOENT' })
    })
  })
})
