import process from 'node:process'
import { createOrphanGuard, startTimeOf } from '../../../../../deploy/local/supervisor/orphan-guard.ts'

/** Lets an orphan guard hold two processes, one of them with the start time of another process, and is killed. */
const [, , folder = '', ours, reused] = process.argv
const guard = createOrphanGuard(folder, (pid) => (pid === Number(reused) ? '1' : startTimeOf(pid)))
guard.hold(Number(ours))
guard.hold(Number(reused))
process.stdout.write('held\n', () => process.kill(process.pid, 'SIGKILL'))
