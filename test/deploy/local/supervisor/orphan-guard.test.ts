import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { startTimeOf } from '../../../../deploy/local/supervisor/orphan-guard.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'
import { until } from '../../../support/until.ts'

const GUARDED = fileURLToPath(new URL('support/guarded-main.ts', import.meta.url))

function sleeper(): ChildProcess {
  const child = spawn('sleep', ['60'])
  closeAfterAll(() => void child.kill('SIGKILL'))
  return child
}

describe('The orphan guard of npm start', () => {
  it('ends what was started when npm start is killed, and no process that has got a dead one’s process id', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'connect-guard-'))
    const [ours, innocent] = [sleeper(), sleeper()]
    const ended = once(ours, 'exit')
    const args = [GUARDED, folder, String(ours.pid), String(innocent.pid)]
    await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'exit')
    assert.deepEqual(await ended, [null, 'SIGTERM'])
    await until(() => !existsSync(folder), 'the end of the guard')
    assert.equal(innocent.signalCode, null)
    assert.ok(innocent.kill(0))
  })

  it('tells processes apart by when they started', async () => {
    const child = sleeper()
    const pid = child.pid ?? 0
    assert.match(startTimeOf(pid), /\S/)
    assert.equal(startTimeOf(pid), startTimeOf(pid))
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    assert.equal(startTimeOf(pid), '')
  })
})
