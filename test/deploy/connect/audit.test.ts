import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditLog } from '../../../core/audit/audit-log.ts'
import { auditSettings } from '../../../core/audit/audit-settings.ts'
import type { Verification } from '../../../core/audit/verify-chains.ts'
import { keyList, newSecret } from '../../../core/keys/keys.ts'
import { createLog } from '../../../core/log/log.ts'
import { removePerson } from '../../../deploy/connect/audit/remove-person.ts'
import { verifyAudit } from '../../../deploy/connect/audit/verify.ts'
import { UsageError } from '../../../deploy/connect/command.ts'
import { runCommand, type Written } from '../../../deploy/connect/run-command.ts'
import { ORIGIN } from '../../core/support/keys.ts'
import { connectProcess } from './support/connect-process.ts'

const KEYS = JSON.stringify([{ id: 'audit-1', secret: newSecret('audit'), use: 'sign' }])
const ENVIRONMENT = { CONNECT_ORIGIN: ORIGIN, AUDIT_KEYS: KEYS }

describe('npm run connect -- audit', () => {
  let folder: string
  let file: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connect-audit-'))
  })
  after(async () => await rm(folder, { recursive: true }))

  beforeEach(async () => {
    file = join(folder, 'audit.log')
    await rm(file, { force: true })
    const settings = auditSettings({
      CONNECT_ORIGIN: ORIGIN,
      AUDIT_LOG: { path: file },
      AUDIT_REQUIRED: false,
      AUDIT_KEYS: keyList('audit').parse(KEYS),
    })
    assert.ok(settings !== 'off')
    for (const part of ['authz', 'consent-ui']) {
      const log = createLog(part, 'silent')
      const audit = new AuditLog({ settings, part, log, nowMs: () => 1_800_000_000_000 })
      await audit.begin()
      for (const name of ['ada', 'bob', 'ada']) {
        const person = { name, email: `${name}@example.com` }
        audit.record({ name: 'SignIn', by: 'user', person, origin: { address: '192.0.2.7' } })
      }
      await audit.stop()
    }
  })

  const run = (...words: string[]): Promise<Written> => runCommand(words, ENVIRONMENT)

  async function change(edit: (lines: string[]) => string[]): Promise<void> {
    await writeFile(file, edit((await readFile(file, 'utf8')).split('\n')).join('\n'))
  }

  it('proves a whole file, and exits with 0', async () => {
    const { status, stdout } = await connectProcess(['audit', 'verify', file], ENVIRONMENT)
    assert.equal(status, 0)
    assert.match(
      stdout,
      /^authz [-\w]+: 5 lines proven, ended cleanly\nconsent-ui [-\w]+: 5 lines proven, ended cleanly\n$/,
    )
  })

  it('A01: names the first wrong line by file and number, and exits with 1', async () => {
    await change((lines) => lines.map((line, index) => (index === 2 ? line.replace('"ada"', '"eve"') : line)))
    const { status, stdout } = await run('audit', 'verify', file)
    assert.equal(status, 1)
    assert.ok(stdout.includes(`  ${file}:3: changed: the line was changed`))
    assert.match(stdout, /^authz [-\w]+: 1 lines proven\n/)
  })

  it('M07: writes no control character of a log line to the terminal', async () => {
    const log = file.replace('audit.log', 'service.log')
    const line = {
      time: '2026-11-30T12:00:00.000Z',
      service: 'consent-ui',
      level: 'info',
      request: 'request-1',
    }
    const description = '\u001b[2J\u009b2J\u202ename appears more than once'
    await writeFile(log, JSON.stringify({ ...line, message: 'request refused', description }))
    const { stdout } = await run('why', 'request-1', log)
    assert.ok(stdout.includes(String.raw`\u001b[2J\u009b2J\u202ename appears`), stdout)
    assert.doesNotMatch(stdout, /(?!\n)[\p{Cc}\p{Cf}]/u)
  })

  it('says what it takes, and exits with 2 for what it does not know', async () => {
    const [help, unknown] = await Promise.all([run('audit', 'verify', '--help'), run('audit', 'forge')])
    assert.deepEqual([help.status, unknown.status], [0, 2])
    assert.match(help.stdout, /^audit verify FILE\.\.\. \[--partial\] \[--repeats\] \[--json\]/)
    assert.match(unknown.stderr, /"audit forge" is not a command[^]*audit verify +shows/)
  })

  it('names a removed and a moved line, and prints JSON for scripts', async () => {
    await change((lines) => lines.toSpliced(2, 1))
    const { text: json, exitCode } = await verifyAudit.run(['--json', file], ENVIRONMENT)
    const { isProven, chains } = JSON.parse(json) as { isProven: boolean } & Verification
    assert.deepEqual([isProven, exitCode], [false, 1])
    assert.deepEqual(
      chains.map(({ fault }) => [fault?.fault, fault?.at]),
      [
        ['removed', { file, lineNumber: 3 }],
        [undefined, undefined],
      ],
    )
  })

  it('calls what follows the last checkpoint unproven', async () => {
    await change((lines) => lines.slice(0, 4))
    const { text: report, exitCode } = await verifyAudit.run([file], ENVIRONMENT)
    assert.equal(exitCode, 0)
    assert.match(report, /1 lines proven, did not end: it runs, crashed, or its end was removed/)
    assert.match(report, /2 lines after the last checkpoint are unproven/)
  })

  it('takes no file without audit lines for a proof', async () => {
    await writeFile(file, '{"message":"a line of the log"}\n')
    const { text: report, exitCode } = await verifyAudit.run([file], ENVIRONMENT)
    assert.deepEqual([report, exitCode], ['no audit lines found', 1])
  })

  it('names a file that cannot be read', async () => {
    await assert.rejects(verifyAudit.run([join(folder, 'absent')], ENVIRONMENT), (error) => {
      return error instanceof UsageError && error.message.endsWith('absent cannot be read (ENOENT)')
    })
  })

  it('removes the personal data of one user, and the file is proven as before', async () => {
    const removed = await removePerson.run(['ada@example.com', file], ENVIRONMENT)
    assert.deepEqual(removed, { text: `${file}: personal data removed from 4 lines`, exitCode: 0 })
    const left = await readFile(file, 'utf8')
    assert.ok(!left.includes('"ada') && left.includes('"bob'))
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    const { text: report, exitCode } = await verifyAudit.run([file], ENVIRONMENT)
    assert.equal(exitCode, 0)
    assert.match(report, /personal data was removed from 2 lines/)
  })

  it('verifies and empties lines that a syslog server kept with their headers and twice', async () => {
    const header = '<110>1 2027-01-15T08:00:00.000Z host quilt-connect 7 Connect.SignIn - '
    await change((lines) => lines.toSpliced(3, 0, ...lines.slice(1, 3)).map((line) => `${header}${line}`))
    assert.equal((await verifyAudit.run([file], ENVIRONMENT)).exitCode, 1)
    await removePerson.run(['ada', file], ENVIRONMENT)
    assert.ok(!(await readFile(file, 'utf8')).includes('"ada'))
    const { text: report, exitCode } = await verifyAudit.run(['--repeats', file], ENVIRONMENT)
    assert.equal(exitCode, 0, report)
    assert.match(report, /2 lines are there twice/)
  })

  it('removes by user name too, and says if no line names the user', async () => {
    assert.equal((await removePerson.run(['bob', file], ENVIRONMENT)).exitCode, 0)
    const before = await readFile(file, 'utf8')
    const { exitCode } = await removePerson.run(['bob', file], ENVIRONMENT)
    assert.equal(exitCode, 1)
    assert.equal(await readFile(file, 'utf8'), before)
  })
})
