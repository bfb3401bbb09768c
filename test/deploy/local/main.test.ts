import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { runCommand, type Written } from '../../../deploy/connect/run-command.ts'
import { USAGE } from '../../../deploy/local/command-line.ts'
import { PEOPLE } from '../../../deploy/demo/people.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { portsFrom } from '../../../deploy/local/context/ports.ts'
import { listenersOf } from './support/listeners.ts'
import {
  childrenOf,
  isRunning,
  npmStart,
  portsInARow,
  ROOT,
  RUN_FOLDERS,
  wholeNpmStart,
  type Started,
} from './support/npm-start.ts'

/** Valkey, four demo servers, authz, consent-ui, Envoy, and the orphan guard. */
const CHILDREN = 9

/** Runs one of the operator's commands on the stack. */
async function connectTo(port: number, args: readonly string[]): Promise<Written> {
  return await runCommand([...args, `--local=${port}`], {})
}

describe('npm start', function () {
  this.timeout(60_000)
  let port: number
  let running: Started

  before(async () => {
    port = await portsInARow()
    running = npmStart(['--port', String(port)])
  })

  function logLines(): string[] {
    return readFileSync(join(ROOT, `.local/npm-start-${port}.log`), 'utf8').split('\n')
  }

  it('ends its output with how to stop it', async () => {
    await running.line('Ctrl-C stops everything, and forgets connections')
  })

  it('prints the URL, the users, and a command for each client', () => {
    const printed = running.lines.join('\n')
    const url = `http://localhost:${port}/mcp/platform/mcp`
    assert.ok(printed.includes(`Quilt Connect is ready: ${url}`))
    for (const { email, password } of PEOPLE) assert.ok(printed.includes(`${email}  ${password}`))
    assert.match(
      printed,
      /ada@example\.com .*\(Read and change, administrator\)\n.*grace@example\.com .*\(Read only\)/,
    )
    const commands = [
      `claude mcp add --scope user --transport http quilt ${url}`,
      `codex mcp add quilt --url ${url}`,
      `code --add-mcp '{"name":"quilt","type":"http","url":"${url}"}'`,
      `{"mcpServers":{"quilt":{"url":"${url}"}}}`,
      `@modelcontextprotocol/inspector`,
    ]
    for (const command of commands) assert.ok(printed.includes(command), command)
  })

  it('writes the log lines of each process to a file that it names, and prints none', () => {
    const file = `.local/npm-start-${port}.log`
    assert.ok(running.lines.some((line) => line.startsWith(`Logs are in ${file} `)))
    assert.equal(statSync(join(ROOT, file)).mode & 0o777, 0o600)
    assertHasLines(logLines())
    assert.deepEqual(
      running.lines.filter((line) => line.includes(' | {')),
      [],
    )
  })

  it('writes an audit log that it names', async () => {
    assert.ok(running.lines.includes(`Audit events are in .local/npm-start-${port}.audit.log.`))
    const { status, stdout } = await connectTo(port, [
      'audit',
      'verify',
      `.local/npm-start-${port}.audit.log`,
    ])
    assert.equal(status, 0)
    assert.match(stdout, /^authz .* lines proven/m)
    assert.match(stdout, /^consent-ui .* lines proven/m)
  })

  it("writes its settings for the operator's commands, for the owner only", async () => {
    const file = join(ROOT, `.local/npm-start-${port}.environment.json`)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const { status, stdout } = await connectTo(port, ['sessions'])
    assert.deepEqual([status, stdout], [0, 'no live session\n'])
    const { stdout: checked } = await connectTo(port, ['check'])
    assert.match(checked, /\b0 fault, /)
  })

  it('prints and logs no key and no client secret', () => {
    assert.doesNotMatch(
      [...running.lines, ...logLines()].join('\n'),
      /connect-(signing|sealing|audit)\.|CLIENT_SECRET/,
    )
  })

  it('listens on 127.0.0.1 only, and opens no port for Valkey and the admin interface of Envoy', () => {
    const processes = childrenOf(running.child.pid)
    assert.equal(processes.length, CHILDREN)
    const addresses = new Set(listenersOf(processes).map(({ address, port }) => `${address}:${port}`))
    const expected = Object.values(portsFrom(port)).map((each) => `127.0.0.1:${each}`)
    assert.deepEqual([...addresses].sort(), expected)
  })

  it('refuses a port in use in one line, starts no process, and leaves the files of the running stack', async () => {
    const names = ['log', 'audit.log', 'environment.json']
    const files = names.map((name) => join(ROOT, `.local/npm-start-${port}.${name}`))
    const inodes = () => files.map((file) => statSync(file).ino)
    const sizes = () => files.map((file) => statSync(file).size)
    const before = { inodes: inodes(), sizes: sizes() }
    const second = npmStart(['--port', String(port)])
    assert.equal(await second.end(), 1)
    assert.match(
      second.lines.at(-1) ?? '',
      new RegExp(`^port ${port} is in use: stop the process that listens there, or`),
    )
    assert.equal(second.lines.length, 2)
    assert.deepEqual(inodes(), before.inodes)
    assert.ok(sizes().every((size, index) => size >= (before.sizes[index] ?? 0)))
  })

  it('announces in one line that a process was killed, what is lost, and that it restarts', async () => {
    const victims = childrenOf(running.child.pid).filter((pid) =>
      /authz\/main\.ts|valkey-server/.test(commandOf(pid)),
    )
    assert.equal(victims.length, 2)
    for (const victim of victims) process.kill(victim, 'SIGKILL')
    const ended = 'was ended by SIGKILL; restarting in 0.5 s'
    assert.equal(await running.line('authz was'), `authz ${ended}`)
    assert.match(await running.line('valkey was'), new RegExp(`^valkey ${ended}; every session is lost, so `))
    for (const name of ['authz', 'valkey']) await running.line(`${name} is running again`)
    await until(() => childrenOf(running.child.pid).length === CHILDREN, 'the restart of both')
  })

  it('stops every process at Ctrl-C, and removes its folder', async () => {
    const processes = childrenOf(running.child.pid)
    running.child.kill('SIGINT')
    assert.equal(await running.end(), 0)
    assert.deepEqual(processes.filter(isRunning), [])
    assert.deepEqual(runFolders(), [])
  })

  it('prints the log lines of each process with --verbose, and stops every process when npm gets SIGTERM', async () => {
    const whole = wholeNpmStart(['--verbose', '--port', String(await portsInARow())])
    await whole.line('Ctrl-C stops everything, and forgets connections')
    assertHasLines(whole.lines)
    assert.ok(!whole.lines.some((line) => line.startsWith('Logs are in')))
    const processes = childrenOf(whole.child.pid).flatMap((pid) => [pid, ...childrenOf(pid)])
    assert.equal(processes.length, 1 + CHILDREN)
    whole.child.kill('SIGTERM')
    assert.equal(await whole.end(), 0)
    await until(() => processes.filter(isRunning).length === 0, 'the end of every process')
    assert.deepEqual(runFolders(), [])
  })

  it('leaves no process running when it is killed', async () => {
    const killed = npmStart(['--port', String(await portsInARow())])
    await killed.line('Ctrl-C stops everything, and forgets connections')
    const processes = childrenOf(killed.child.pid)
    assert.equal(processes.length, CHILDREN)
    killed.child.kill('SIGKILL')
    await killed.end()
    await until(() => processes.filter(isRunning).length === 0, 'the end of every process')
    assert.deepEqual(runFolders(), [])
  })
})

describe('npm start --help', () => {
  it('prints the usage, and starts nothing', async () => {
    const started = npmStart(['--help'])
    assert.equal(await started.end(), 0)
    assert.deepEqual(started.lines, [USAGE])
  })
})

describe('npm start refuses', () => {
  it('a missing binary, in one line with its variable', async () => {
    const started = npmStart([], { ENVOY_BIN: '/nowhere/envoy' })
    assert.equal(await started.end(), 1)
    assert.deepEqual(started.lines, ['Envoy is missing: ENVOY_BIN names /nowhere/envoy, which cannot be run'])
  })

  it('a wrong option, in one line with the usage', async () => {
    const started = npmStart(['--wrong'])
    assert.equal(await started.end(), 1)
    assert.equal(started.lines.length, 1)
    assert.match(started.lines[0] ?? '', /Usage: npm start -- \[--port 8080\]/)
  })

  it('a range of five ports if another process listens on one of them', async () => {
    const first = await portsInARow()
    const other = createServer().listen(first + 2, '127.0.0.1')
    await once(other, 'listening')
    closeAfterAll(() => void other.close())
    const started = npmStart(['--port', String(first)])
    assert.equal(await started.end(), 1)
    assert.match(started.lines.at(-1) ?? '', new RegExp(`^port ${(other.address() as AddressInfo).port} `))
  })
})

function runFolders(): string[] {
  return readdirSync(RUN_FOLDERS).filter((name) => name.startsWith('quilt-connect-'))
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
}

/** Each process with its name in front. */
function assertHasLines(lines: readonly string[]): void {
  for (const name of ['identity-provider', 'registry', 'platform-mcp', 'files', 'authz', 'consent-ui']) {
    assert.ok(
      lines.some((line) => line.startsWith(`${name.padEnd(17)} | {`)),
      name,
    )
  }
}
