import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import process from 'node:process'
import { PEOPLE } from '../../../deploy/demo/people.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { portsFrom, requireFree } from '../../../deploy/local/context/ports.ts'
import { listenersOf } from './support/listeners.ts'
import {
  childrenOf,
  isRunning,
  npmStart,
  RUN_FOLDERS,
  wholeNpmStart,
  type Started,
} from './support/npm-start.ts'

const LONGEST_START_MS = 10_000
/** Valkey, four demo servers, authz, consent-ui, Envoy, and the orphan guard. */
const CHILDREN = 9

describe('npm start', function () {
  this.timeout(60_000)
  let port: number
  let running: Started

  before(async () => {
    port = await portsInARow()
    running = npmStart(['--port', String(port)])
  })

  it('is ready within ten seconds once everything is there', async () => {
    const began = performance.now()
    await running.line('Ctrl-C stops everything.')
    assert.ok(performance.now() - began < LONGEST_START_MS)
  })

  it('prints the URL, the users, and a command for each client', () => {
    const printed = running.lines.join('\n')
    const url = `http://localhost:${port}/mcp/platform/mcp`
    assert.ok(printed.includes(`Quilt Connect is ready: ${url}`))
    for (const { email, password } of PEOPLE) assert.ok(printed.includes(`${email}  ${password}`))
    const commands = [
      `claude mcp add --transport http quilt ${url}`,
      `codex mcp add quilt --url ${url}`,
      `code --add-mcp '{"name":"quilt","type":"http","url":"${url}"}'`,
      `{"mcpServers":{"quilt":{"url":"${url}"}}}`,
      `@modelcontextprotocol/inspector`,
    ]
    for (const command of commands) assert.ok(printed.includes(command), command)
  })

  it('puts the name of the part before each of its lines', () => {
    for (const name of ['identity-provider', 'registry', 'platform-mcp', 'files', 'authz', 'consent-ui']) {
      assert.ok(
        running.lines.some((line) => line.startsWith(`${name.padEnd(17)} | {`)),
        name,
      )
    }
  })

  it('prints no key and no client secret', () => {
    assert.doesNotMatch(running.lines.join('\n'), /connect-(signing|sealing)\.|CLIENT_SECRET/)
  })

  it('listens on this machine alone, and the store and the administration of Envoy on no port at all', () => {
    const processes = childrenOf(running.child.pid)
    assert.equal(processes.length, CHILDREN)
    const addresses = new Set(listenersOf(processes).map(({ address, port }) => `${address}:${port}`))
    const expected = Object.values(portsFrom(port)).map((each) => `127.0.0.1:${each}`)
    assert.deepEqual([...addresses].sort(), expected)
  })

  it('says in one line that a port is taken, and starts nothing', async () => {
    const second = npmStart(['--port', String(port)])
    assert.equal(await second.end(), 1)
    assert.match(
      second.lines.at(-1) ?? '',
      new RegExp(`^port ${port} is in use: stop the process that listens there, or`),
    )
    assert.equal(second.lines.length, 2)
  })

  it('starts parts again that were killed, and says that the store lost every session', async () => {
    const victims = childrenOf(running.child.pid).filter((pid) =>
      /authz\/main\.ts|valkey-server/.test(commandOf(pid)),
    )
    assert.equal(victims.length, 2)
    for (const victim of victims) process.kill(victim, 'SIGKILL')
    for (const name of ['authz', 'valkey']) {
      await running.line(`${name.padEnd(17)} | has ended, and is started again`)
    }
    await running.line('every session is lost')
    await until(() => childrenOf(running.child.pid).length === CHILDREN, 'both again')
  })

  it('stops everything at Ctrl-C, and leaves nothing behind', async () => {
    const processes = childrenOf(running.child.pid)
    running.child.kill('SIGINT')
    assert.equal(await running.end(), 0)
    assert.deepEqual(processes.filter(isRunning), [])
    assert.deepEqual(runFolders(), [])
  })

  it('stops everything when npm is asked to end', async () => {
    const whole = wholeNpmStart(['--port', String(await portsInARow())])
    await whole.line('Ctrl-C stops everything.')
    const processes = childrenOf(whole.child.pid).flatMap((pid) => [pid, ...childrenOf(pid)])
    assert.equal(processes.length, 1 + CHILDREN)
    whole.child.kill('SIGTERM')
    await whole.end()
    await until(() => processes.filter(isRunning).length === 0, 'the end of every part')
    assert.deepEqual(runFolders(), [])
  })

  it('leaves no process behind when it is killed itself', async () => {
    const killed = npmStart(['--port', String(await portsInARow())])
    await killed.line('Ctrl-C stops everything.')
    const processes = childrenOf(killed.child.pid)
    assert.equal(processes.length, CHILDREN)
    killed.child.kill('SIGKILL')
    await killed.end()
    await until(() => processes.filter(isRunning).length === 0, 'the end of every part')
    assert.deepEqual(runFolders(), [])
  })
})

describe('What npm start refuses', () => {
  it('a binary that is not there, in one line that names the variable', async () => {
    const started = npmStart([], { ENVOY_BIN: '/nowhere/envoy' })
    assert.equal(await started.end(), 1)
    assert.deepEqual(started.lines, ['Envoy is missing: ENVOY_BIN names /nowhere/envoy, which cannot be run'])
  })

  for (const args of [['--port', 'x'], ['--port', '65535'], ['--wrong'], ['more']]) {
    it(`"${args.join(' ')}", in one line that says what there is`, async () => {
      const started = npmStart(args)
      assert.equal(await started.end(), 1)
      assert.equal(started.lines.length, 1)
      assert.match(started.lines[0] ?? '', /Usage: npm start -- \[--port 8080\]/)
    })
  }

  it('a port of the five that somebody else has', async () => {
    const first = await portsInARow()
    const other = createServer().listen(first + 2, '127.0.0.1')
    await once(other, 'listening')
    closeAfterAll(() => void other.close())
    const started = npmStart(['--port', String(first)])
    assert.equal(await started.end(), 1)
    assert.match(started.lines.at(-1) ?? '', new RegExp(`^port ${(other.address() as AddressInfo).port} `))
  })
})

/** npm keeps a cache of its own beside them. */
function runFolders(): string[] {
  return readdirSync(RUN_FOLDERS).filter((name) => name.startsWith('quilt-connect-'))
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
}

/** The first of five free ports in a row. */
async function portsInARow(): Promise<number> {
  for (;;) {
    const [first = 0] = await freePorts(1)
    const areFree = await requireFree(portsFrom(first)).then(
      () => true,
      () => false,
    )
    if (areFree) return first
  }
}
