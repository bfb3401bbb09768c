import process from 'node:process'
import { createOrphanGuard, startTimeOf } from '../../../../../deploy/local/supervisor/orphan-guard.ts'

/** Gives two processes to an orphan guard, one with a wrong start time, and kills itself. */
const [, , folder = '', ours, reused] = process.argv
const guard = createOrphanGuard(folder, (pid) => (pid === Number(reused) ? '1' : startTimeOf(pid)))
guard.hold(Number(ours))
guard.hold(Number(reused))
process.stdout.write('held\n', () => process.kill(process.pid, 'SIGKILL'))
