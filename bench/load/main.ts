import process from 'node:process'
import type { LoadJob } from './job.ts'
import { runJob } from './run-job.ts'

/** A process of its own, so that it shares no event loop with what it measures. Ends with its parent. */
process.on('message', (job: LoadJob) => void runJob(job).then((result) => process.send?.(result)))
process.on('disconnect', () => process.exit())
