import assert from 'node:assert/strict'
import process from 'node:process'
import type { OrphanGuard } from '../../../../deploy/local/supervisor/orphan-guard.ts'
import type { ProcessSpec } from '../../../../deploy/local/processes/process-spec.ts'
import { RestartBackoff } from '../../../../deploy/local/supervisor/restart-backoff.ts'
import {
  SupervisedProcess,
  type ProcessFailed,
} from '../../../../deploy/local/supervisor/supervised-process.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'
import { until } from '../../../support/until.ts'

const NO_GUARD: OrphanGuard = { hold: () => undefined, release: () => Promise.resolve() }

/** A process that runs this shell command, and is healthy at once. */
function shell(command: string, more: Partial<ProcessSpec> = {}): ProcessSpec {
  const isHealthy = (): Promise<boolean> => Promise.resolve(true)
  return { name: 'authz', command: '/bin/sh', args: ['-c', command], environment: {}, isHealthy, ...more }
}

function supervise(supervised: ProcessSpec) {
  const lines: string[] = []
  const announced: string[] = []
  const { promise: failure, resolve: giveUp } = Promise.withResolvers<ProcessFailed>()
  const running = new SupervisedProcess(supervised, {
    write: (_from, line) => void lines.push(line),
    announce: (_from, line) => void announced.push(line),
    orphanGuard: NO_GUARD,
    giveUp,
    backoff: new RestartBackoff(1),
  })
  closeAfterAll(() => running.stop())
  return { lines, announced, failure, running }
}

describe('A process that crashes', () => {
  it('is restarted after growing delays, and given up with its last lines', async () => {
    const { lines, announced, failure, running } = supervise(shell('echo "no port left"; exit 3'))
    await running.start()
    const { message } = await failure
    assert.match(message, /^authz crashed too often and is not restarted\. Its last lines:\n/)
    assert.match(message, /\n {2}no port left$/)
    assert.deepEqual(
      announced.filter((line) => line.startsWith('exited')),
      [0.001, 0.002, 0.004, 0.008, 0.016].map((delay) => `exited with status 3; restarting in ${delay} s`),
    )
    assert.equal(lines.filter((line) => line === 'no port left').length, 6)
  })

  it('is announced in one line with the restart and the data that is lost', async () => {
    const { lines, announced, running } = supervise(
      shell('sleep 60', { lostInCrash: 'every session is lost' }),
    )
    await running.start()
    const first = running.pid ?? 0
    process.kill(first, 'SIGKILL')
    await until(() => announced.includes('is running again'), 'the restart')
    assert.notEqual(running.pid, first)
    const expected = [
      'was ended by SIGKILL; restarting in 0.001 s; every session is lost',
      'is running again',
    ]
    assert.deepEqual(announced, expected)
    assert.deepEqual(lines, expected)
  })

  it('gets the full number of restarts again after it ran for a minute', () => {
    const backoff = new RestartBackoff()
    const crashAfter = (...ranMs: number[]) => ranMs.map((each) => backoff.next(each))
    assert.deepEqual(crashAfter(10, 10, 10, 59_999), [500, 1000, 2000, 4000])
    assert.deepEqual(crashAfter(60_000, 10, 10, 10, 10, 10), [500, 1000, 2000, 4000, 8000, undefined])
  })
})
