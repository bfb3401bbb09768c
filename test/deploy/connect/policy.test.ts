import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditLog } from '../../../core/audit/audit-log.ts'
import type { AuditEntry } from '../../../core/audit/audit-entry.ts'
import { createLog } from '../../../core/log/log.ts'
import { replayPolicy } from '../../../deploy/connect/policy/replay.ts'
import { UsageError } from '../../../deploy/connect/command.ts'
import { ManualWriter } from '../../core/audit/support/audit.ts'
import { operatorKey, testRing, ORIGIN } from '../../core/support/keys.ts'
import { connectProcess } from './support/connect-process.ts'

const NOW_MS = 1_800_000_000_000

const PLATFORM = {
  kind: 'mcp',
  name: 'platform',
  title: 'Platform',
  prefix: '/mcp/platform',
  path: '/mcp/platform/mcp',
  scopes: ['platform'],
  default: true,
  upstream: 'https://mcp.example/mcp',
  read: { tools: ['list', 'search'] },
}
const FILES = {
  kind: 'http',
  name: 'files',
  title: 'Files',
  prefix: '/files',
  scopes: ['files'],
  upstream: 'https://files.example',
  read: { paths: ['/files'] },
}
const LOADED = ['platform /mcp/platform: read full', 'files /files: read full']

/** Each user has one session. */
const of = (name: string) => ({ person: { name }, sessionId: name, client: { id: 'c1' } })

function opened(person: string, access: 'read' | 'full', name: AuditEntry['name'] = 'SessionOpened') {
  return { name, ...of(person), client: { id: 'c1', name: 'Claude' }, access } as const
}

/** As DecisionAudit records a call in a read-only session; without a reason, it was allowed. */
function judged(person: string, operation: string | undefined, reason?: string): AuditEntry {
  return {
    name: operation?.startsWith('tools/call') === true ? 'ToolCalled' : 'RequestRefused',
    ...of(person),
    isSuccess: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    service: 'platform',
    access: 'read',
    operation,
    details: { stage: 'tool_access' },
  }
}

function called(person: string, tool: string): AuditEntry {
  const details = { toolNamedBy: 'header of the client' }
  return {
    name: 'ToolCalled',
    ...of(person),
    service: 'platform',
    access: 'full',
    operation: `tools/call ${tool}`,
    details,
  }
}

interface Result {
  readonly asBefore: number
  readonly changed: number
  readonly unjudged: number
  readonly differences: readonly Record<string, unknown>[]
  readonly reasons: readonly { readonly reason: string; readonly requests: number }[]
}

describe('npm run connect -- policy replay', () => {
  let folder: string
  let nowMs = NOW_MS
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connect-replay-'))
  })
  after(async () => await rm(folder, { recursive: true }))
  beforeEach(() => {
    nowMs = NOW_MS
  })

  async function linesOf(part: string, entries: readonly AuditEntry[]): Promise<string[]> {
    const keys = testRing(ORIGIN, [operatorKey('audit-1')])
    const writer = new ManualWriter()
    const settings = { target: 'stdout', isRequired: false, keys } as const
    const audit = new AuditLog({
      settings,
      part,
      log: createLog(part, 'silent'),
      nowMs: () => (nowMs += 1000),
      writer,
    })
    await audit.begin()
    for (const entry of entries) audit.record(entry)
    await audit.stop()
    return writer.lines
  }

  async function fileOf(
    authz: readonly AuditEntry[],
    consentUi: readonly AuditEntry[] = [],
    loaded: { readonly services: readonly string[]; readonly apiKeys?: string } = { services: LOADED },
  ): Promise<string> {
    const begun = { name: 'ConfigurationLoaded', details: { ...loaded } } as const
    const lines = [
      ...(await linesOf('consent-ui', consentUi)),
      ...(await linesOf('authz', [begun, ...authz])),
    ]
    const file = join(folder, 'audit.log')
    await writeFile(file, lines.map((line) => `${line}\n`).join(''))
    return file
  }

  async function servicesFile(...services: object[]): Promise<string> {
    const file = join(folder, 'new.yaml')
    await writeFile(file, JSON.stringify(services))
    return file
  }

  async function replay(file: string, ...services: object[]): Promise<Result & { exitCode: number }> {
    const { text, exitCode } = await replayPolicy.run(
      [file, '--services', await servicesFile(...services), '--json'],
      {},
    )
    return { ...(JSON.parse(text) as Result), exitCode }
  }

  const changesOf = ({ differences }: Result): unknown[] =>
    differences.map(({ user, operation, was, becomes }) => [user, operation, was, becomes])

  it('finds nothing changed by the same list, and exits with 0', async () => {
    const file = await fileOf([
      judged('ada', 'tools/call list'),
      judged('ada', 'tools/call delete', 'tool_not_allowed'),
      judged('ada', 'vendor/x', 'method_not_allowed'),
      judged('ada', undefined, 'batch'),
      called('bob', 'delete'),
      {
        ...called('bob', 'x'),
        name: 'RequestRefused',
        isSuccess: false,
        reason: 'session_ended',
        details: {},
      },
    ])
    const { asBefore, changed, unjudged, exitCode } = await replay(file, PLATFORM, FILES)
    assert.deepEqual([asBefore, changed, unjudged, exitCode], [6, 0, 0, 0])
  })

  it('names a tool that read-only sessions lose or gain, and exits with 1', async () => {
    const file = await fileOf([
      judged('ada', 'tools/call list'),
      judged('ada', 'tools/call search'),
      judged('ada', 'tools/call search'),
      judged('bob', 'tools/call delete', 'tool_not_allowed'),
    ])
    const result = await replay(file, { ...PLATFORM, read: { tools: ['list', 'delete'] } }, FILES)
    assert.deepEqual(changesOf(result), [
      ['ada', 'tools/call search', 'allowed', 'tool_not_allowed'],
      ['bob', 'tools/call delete', 'tool_not_allowed', 'allowed'],
    ])
    assert.deepEqual([result.differences[0]?.requests, result.exitCode], [2, 1])
  })

  it('names a method that read-only sessions gain', async () => {
    const file = await fileOf([
      judged('ada', 'vendor/x', 'method_not_allowed'),
      judged('ada', 'vendor/x', 'kind'),
    ])
    const more = { ...PLATFORM.read, moreMethods: { 'vendor/x': 'Reads x' } }
    const result = await replay(file, { ...PLATFORM, read: more }, FILES)
    assert.deepEqual(changesOf(result), [['ada', 'vendor/x', 'method_not_allowed', 'allowed']])
    assert.equal(result.asBefore, 1)
  })

  it('lowers full sessions to read-only with the grants of the service', async () => {
    const file = await fileOf([called('bob', 'list'), called('bob', 'delete')])
    const result = await replay(file, { ...PLATFORM, grants: ['read'] }, FILES)
    assert.deepEqual(changesOf(result), [['bob', 'tools/call delete', 'allowed', 'tool_not_allowed']])
  })

  it('raises only sessions that were granted full access, as the lines of consent-ui say', async () => {
    const onlyRead = { services: ['platform /mcp/platform: read'] }
    const calls = ['ada', 'bob', 'eve'].map((name) => judged(name, 'tools/call delete', 'tool_not_allowed'))
    const sessions = [opened('ada', 'full'), opened('bob', 'read')]
    const result = await replay(await fileOf(calls, sessions, onlyRead), PLATFORM, FILES)
    assert.deepEqual(changesOf(result), [['ada', 'tools/call delete', 'tool_not_allowed', 'allowed']])
    assert.equal(result.differences[0]?.client, 'Claude')
    assert.equal(result.asBefore, 1)
    assert.match(result.reasons[0]?.reason ?? '', /no line says what the session was granted/)
    assert.equal(result.unjudged, 1)
  })

  it('does not raise a session that its user downgraded', async () => {
    const sessions = [opened('ada', 'full'), opened('ada', 'full', 'SessionDowngraded')]
    const file = await fileOf([judged('ada', 'tools/call delete', 'tool_not_allowed')], sessions, {
      services: ['platform /mcp/platform: read'],
    })
    assert.equal((await replay(file, PLATFORM, FILES)).changed, 0)
  })

  it('judges API keys by the access that API_KEYS gave them', async () => {
    const key = {
      ...judged('ada', 'tools/call search'),
      sessionId: undefined,
      client: { id: 'qk_abc...xyz' },
    }
    const file = await fileOf([key], [], { services: ['platform /mcp/platform: read'], apiKeys: 'full' })
    const result = await replay(file, { ...PLATFORM, read: { tools: ['list'] } }, FILES)
    assert.deepEqual([result.asBefore, result.unjudged], [1, 0], 'full access at the new list')
  })

  it('refuses everything at a service that is removed, or whose prefix changes', async () => {
    const file = await fileOf([judged('ada', 'tools/call list'), called('bob', 'delete')])
    const expected = [
      ['ada', 'tools/call list', 'allowed', 'no_service'],
      ['bob', 'tools/call delete', 'allowed', 'no_service'],
    ]
    assert.deepEqual(changesOf(await replay(file, { ...FILES, default: true })), expected)
    const moved = { ...PLATFORM, prefix: '/mcp/other', path: '/mcp/other/mcp' }
    assert.deepEqual(changesOf(await replay(file, moved, FILES)), expected)
  })

  it('counts what it cannot judge, with the reason', async () => {
    const refused = { name: 'RequestRefused', isSuccess: false, by: 'client' } as const
    const file = await fileOf([
      { ...refused, reason: 'no_service', operation: 'GET', details: { refusalsNotRecorded: 7 } },
      {
        ...refused,
        ...of('ada'),
        service: 'files',
        access: 'read',
        reason: 'read_only',
        operation: 'GET',
      },
      {
        ...refused,
        ...of('ada'),
        service: 'files',
        access: 'read',
        reason: 'read_only',
        operation: 'PUT',
      },
      judged('ada', undefined, 'method_not_allowed'),
    ])
    const { reasons, asBefore, exitCode } = await replay(file, PLATFORM, FILES)
    assert.deepEqual(reasons, [
      { reason: 'refused in a flood, and not recorded', requests: 7 },
      { reason: 'its outcome depends on the path, which the audit log does not record', requests: 2 },
      { reason: 'its method is not recorded', requests: 1 },
    ])
    assert.deepEqual([asBefore, exitCode], [1, 0])
  })

  it('prints a table, and exits with 1 as a process', async () => {
    const file = await fileOf([judged('ada', 'tools/call search')], [opened('ada', 'read')])
    const services = await servicesFile({ ...PLATFORM, read: { tools: ['list'] } })
    const words = ['policy', 'replay', file, '--services', services]
    const { status, stdout } = await connectProcess(words)
    assert.equal(status, 1)
    const [head, row, , sum] = stdout.split('\n')
    assert.match(head ?? '', /^user +client +service +operation +was +becomes +requests +last$/)
    assert.match(row ?? '', /^ada +Claude +platform +tools\/call search +allowed +tool_not_allowed +1 +2027-/)
    assert.equal(sum, '1 requests would be decided differently, 0 as before, 0 could not be judged')
  })

  it('cannot be run without requests in the files, or with a list that is not valid', async () => {
    const empty = await fileOf([])
    const services = await servicesFile(PLATFORM)
    await assert.rejects(replayPolicy.run([empty, '--services', services], {}), /no request is recorded/)
    const problems: [args: string[], problem: RegExp][] = [
      [[empty], /name at least one file of the audit log, and --services/],
      [[empty, '--services', join(folder, 'absent')], /--services: .*absent cannot be read \(ENOENT\)/],
      [[empty, '--services', await servicesFile({ ...PLATFORM, prefix: 'x' })], /0\.prefix must be a path/],
    ]
    for (const [args, problem] of problems) {
      await assert.rejects(replayPolicy.run(args, {}), (error) => {
        return error instanceof UsageError && problem.test(error.message)
      })
    }
  })
})
