import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fingerprintOf } from '../../core/clients/blocked-clients.ts'
import { newSecret } from '../../core/keys/keys.ts'
import { UsageError } from '../../deploy/connect/command.ts'
import { readSteeringConfig } from '../../deploy/connect/config.ts'
import { blockClient, unblockClient } from '../../deploy/connect/steer/block-client.ts'
import { endUser } from '../../deploy/connect/steer/end-user.ts'
import { listControls } from '../../deploy/connect/steer/list-controls.ts'
import { OperatorAudit } from '../../deploy/connect/steer/operator-audit.ts'
import { revokeSessions } from '../../deploy/connect/steer/revoke.ts'
import { listSessions } from '../../deploy/connect/steer/sessions.ts'
import { resume, stop } from '../../deploy/connect/steer/stop.ts'
import { ADA, GRACE } from '../../deploy/demo/people.ts'
import { freePorts } from '../../deploy/local/context/free-ports.ts'
import { consentUi } from '../../deploy/local/processes/services.ts'
import { beforeAll } from '../support/before-all.ts'
import { connectedUser, type ConnectedUser } from './support/connected-user.ts'
import { approveAs } from './support/consent.ts'
import { mcpUser } from './support/mcp-user.ts'
import { sharedStack } from './support/recorded-stack.ts'

const COMMANDS = {
  sessions: listSessions,
  revoke: revokeSessions,
  'end-user': endUser,
  'block-client': blockClient,
  'unblock-client': unblockClient,
  stop,
  resume,
  controls: listControls,
}
const MAIN = join(import.meta.dirname, '../../deploy/connect/main.ts')
const AUDIT_KEYS = JSON.stringify([{ id: 'audit-1', secret: newSecret('audit'), use: 'sign' }])

interface Ran {
  readonly status: number
  readonly text: string
  readonly errors: string
}

describe('An operator’s commands on a running stack', function () {
  this.timeout(60_000)
  let folder: string
  let ada: ConnectedUser
  let grace: ConnectedUser

  const stack = beforeAll(() => sharedStack())

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connect-steering-'))
  })
  after(async () => await rm(folder, { recursive: true }))

  beforeEach(async () => {
    await connect('revoke', '--all', '--yes')
    await rm(join(folder, 'audit.log'), { force: true })
    ada = await connectedUser(stack, ADA)
    grace = await connectedUser(stack, GRACE)
  })

  function environment(): Record<string, string> {
    const audit = { AUDIT_LOG: `file:${join(folder, 'audit.log')}`, AUDIT_KEYS }
    return { ...consentUi(stack.context).environment, ...audit }
  }

  async function connect(name: keyof typeof COMMANDS, ...args: string[]): Promise<Ran> {
    try {
      const { exitCode, text } = await COMMANDS[name].run(args, environment())
      return { status: exitCode, text, errors: '' }
    } catch (error) {
      if (error instanceof UsageError) return { status: 2, text: '', errors: error.message }
      throw error
    }
  }

  /** Runs a command as in production, in another process without a terminal. */
  async function spawned(...args: string[]): Promise<Ran> {
    return await new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [MAIN, ...args],
        { env: environment() },
        (_error, text, errors) => resolve({ status: child.exitCode ?? -1, text, errors }),
      )
      child.stdin?.end()
    })
  }

  async function done(name: keyof typeof COMMANDS, ...args: string[]): Promise<Record<string, unknown>> {
    const { status, text, errors } = await connect(name, ...args, '--json')
    assert.equal(status, 0, `${text}${errors}`)
    return JSON.parse(text) as Record<string, unknown>
  }

  async function statuses(): Promise<number[]> {
    return [(await ada.ask()).status, (await grace.ask()).status]
  }

  async function actions(): Promise<Record<string, unknown>[]> {
    const lines = (await readFile(join(folder, 'audit.log'), 'utf8')).split('\n').filter(Boolean)
    const events = lines.map(
      (line) => JSON.parse(line) as { eventName: string; additionalEventData: Record<string, unknown> },
    )
    return events
      .filter(({ eventName }) => eventName === 'Connect.AdministratorAction')
      .map(({ additionalEventData }) => additionalEventData)
  }

  it('sessions lists who is connected with which application, and filters', async () => {
    assert.deepEqual(await statuses(), [200, 200])
    const { sessions } = await done('sessions')
    const rows = sessions as { user: string; session: string; fingerprint: string; service: string }[]
    assert.deepEqual(rows.map(({ user }) => user).sort(), ['ada', 'grace'])
    assert.deepEqual(new Set(rows.map(({ service }) => service)), new Set(['platform']))
    for (const filter of [
      ['--user', 'ADA@example.com'],
      ['--user', 'ada'],
      ['--client', fingerprintOf(clientId(ada))],
      ['--client', clientId(ada)],
    ]) {
      const found = await done('sessions', ...filter)
      assert.deepEqual(
        (found.sessions as { user: string }[]).map(({ user }) => user),
        ['ada'],
        filter.join(' '),
      )
    }
    assert.deepEqual(await done('sessions', '--older-than', '1h'), { sessions: [] })
    const { text } = await connect('sessions', '--service', 'platform')
    assert.match(text, /^SESSION +USER +CLIENT/)
    assert.match(text, /grace \(grace@example\.com\)/)
  })

  function clientId({ memory }: ConnectedUser): string {
    return memory.clientInformation()?.client_id ?? ''
  }

  it('revoke ends one session, named as sessions and the audit log name it', async () => {
    const { sessions } = await done('sessions', '--user', 'ada')
    const session = (sessions as { session: string }[])[0]?.session ?? ''
    const ended = await done('revoke', session.slice(0, 12), '--yes', '--by', 'olga')
    assert.deepEqual(ended, { ended: 1, of: 1, acknowledged: true, replicated: true })
    assert.deepEqual(await statuses(), [401, 200])
    assert.equal((await ada.refresh()).error, 'invalid_grant')
    const [{ action, by, operator, ...outcome } = {}] = await actions()
    assert.deepEqual([action, by, operator], ['revoke', 'operator', 'olga'])
    assert.deepEqual(outcome, { chosen: 'one session', sessions: 1, acknowledged: true })
    const log = await readFile(join(folder, 'audit.log'), 'utf8')
    assert.ok(log.includes('"eventName":"Connect.SessionRevoked"') && log.includes(session))
  })

  it('revoke --client and --all end the sessions that match, and say how many', async () => {
    const first = await connect('revoke', '--client', fingerprintOf(clientId(grace)), '--yes')
    assert.match(first.text, /^1 session ended\.\nEvery running authz process acknowledged it\.$/)
    assert.deepEqual(await statuses(), [200, 401])
    const { status, errors } = await spawned('revoke', '--all')
    assert.equal(status, 2)
    assert.match(errors, /^End 1 session of 1 users? and 1 clients?\?\nNothing was changed: .*--yes/)
    assert.deepEqual(await statuses(), [200, 401])
    assert.equal((await connect('revoke', '--all', '--yes')).status, 0)
    assert.deepEqual(await statuses(), [401, 401])
    const nothing = await connect('revoke', '--all', '--yes')
    assert.deepEqual([nothing.status, nothing.text], [1, '0 sessions ended.'])
  })

  it('end-user ends all sessions of one person, by e-mail address', async () => {
    const another = await connectedUser(stack, ADA)
    assert.equal((await done('end-user', 'Ada@Example.com', '--yes')).ended, 2)
    assert.deepEqual([...(await statuses()), (await another.ask()).status], [401, 200, 401])
    const { status, text } = await connect('end-user', 'ada@example.com', '--yes')
    assert.equal(status, 1)
    assert.match(text, /no live session/)
  })

  it('end-user refuses codes that a person approved before, also without a session', async () => {
    await done('end-user', ADA.email, '--yes')
    for (const named of [ADA.email, ADA.quilt.name]) {
      const user = await mcpUser(stack.mcpUrl)
      const answer = await approveAs(user, ADA)
      assert.equal((await connect('end-user', named, '--yes')).status, 1)
      await assert.rejects(user.redeem(answer), /invalid_grant|invalid|expired/, named)
    }
  })

  it('block-client refuses the next request of a client, by its fingerprint or name; unblock-client takes it back', async () => {
    const fingerprint = fingerprintOf(clientId(ada))
    const blocked = await done('block-client', clientId(ada))
    assert.deepEqual(blocked, { entry: fingerprint, changed: true, acknowledged: true, replicated: true })
    assert.deepEqual(await statuses(), [401, 200])
    assert.equal((await ada.refresh()).error, 'unauthorized_client')
    assert.match(
      (await connect('controls')).text,
      new RegExp(`blocked +${fingerprint} .*CONNECT_BLOCKED_CLIENTS`),
    )
    assert.equal((await done('unblock-client', fingerprint)).acknowledged, true)
    assert.deepEqual(await statuses(), [200, 200])
    const again = await connect('unblock-client', fingerprint)
    assert.equal(again.status, 2)
    assert.match(again.errors, /is not blocked in Redis/)
    assert.deepEqual(
      (await actions()).map(({ action }) => action),
      ['block_client', 'unblock_client'],
    )
  })

  it('M06: names the choices when a client’s name is ambiguous or unknown, and changes nothing', async () => {
    for (const [name, problem] of [
      ['Claude Code', /names 2 clients; name it by its fingerprint:/],
      ['Unheard Of', /no live session has the client "Unheard Of"; name it by its fingerprint:/],
    ] as const) {
      for (const { status, errors } of [
        await connect('block-client', name),
        await connect('revoke', '--client', name, '--yes'),
      ]) {
        assert.equal(status, 2)
        assert.match(errors, problem)
        for (const user of [ada, grace]) assert.ok(errors.includes(fingerprintOf(clientId(user))))
      }
    }
    assert.deepEqual(await statuses(), [200, 200])
  })

  it('stop answers 503 at once, and resume takes it back', async () => {
    try {
      assert.equal((await done('stop', '--service', 'platform', '--by', 'olga')).acknowledged, true)
      assert.deepEqual(await statuses(), [503, 503])
      assert.equal((await connect('resume')).status, 2)
      await done('stop')
      assert.match((await connect('controls')).text, /stopped +platform +olga .*\nstopped +all /)
      const resumed = await connect('resume')
      assert.match(resumed.text, /^The stop of everything has ended in Redis\. Still stopped: platform\.\n/)
    } finally {
      await connect('resume')
      await connect('resume', '--service', 'platform')
    }
    assert.deepEqual(await statuses(), [200, 200])
    const { status, errors } = await connect('stop', '--service', 'platfrom')
    assert.equal(status, 2)
    assert.match(errors, /"platfrom" is not a service; one of platform/)
  })

  it('M06: begins no command while the collector of the audit log takes no line', async () => {
    const [port = 0] = await freePorts(1)
    const { audit } = readSteeringConfig({ ...environment(), AUDIT_LOG: `syslog+tcp://127.0.0.1:${port}` })
    const refused = /AUDIT_LOG takes no line within 0.05 s; nothing was changed/
    await assert.rejects(OperatorAudit.begin(audit, 'olga', 50), refused)
  })

  it('changes nothing while the audit log cannot be written', async () => {
    await mkdir(join(folder, 'audit.log'))
    try {
      const { status, errors } = await connect('revoke', '--all', '--yes')
      assert.equal(status, 2)
      assert.match(errors, /^AUDIT_LOG cannot be written \(EISDIR\); nothing was changed/)
    } finally {
      await rm(join(folder, 'audit.log'), { recursive: true })
    }
    assert.deepEqual(await statuses(), [200, 200])
  })
})
