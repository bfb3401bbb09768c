import process from 'node:process'
import type { LoadJob } from './job.ts'
import { runJob } from './run-job.ts'

/** A separate process, so that no other work delays its event loop. It ends with its parent. */
process.on('message', (job: LoadJob) => void runJob(job).then((result) => process.send?.(result)))
process.on('disconnect', () => process.exit())
