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
  it('ends the processes of a killed npm start with their children, but no process that reuses an id of theirs', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'connect-guard-'))
    const [ours, unrelated] = [spawn('sh', ['-c', 'sleep 60 & echo started; wait']), sleeper()]
    await once(ours.stdout, 'data')
    // Its child has its output too, which closes with the last of them.
    const ended = once(ours, 'close')
    const args = [GUARDED, folder, String(ours.pid), String(unrelated.pid)]
    await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'exit')
    assert.deepEqual(await ended, [null, 'SIGTERM'])
    await until(() => !existsSync(folder), 'the end of the guard')
    assert.equal(unrelated.signalCode, null)
    assert.ok(unrelated.kill(0))
  })

  it('reads the start time of a running process, and none of an ended one', async () => {
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
