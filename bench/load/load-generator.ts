import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { LoadJob, LoadResult } from './job.ts'

/** The process that sends requests, one job at a time. */
export class LoadGenerator {
  readonly #child: ChildProcess = fork(join(import.meta.dirname, 'main.ts'))

  async run(job: LoadJob): Promise<LoadResult> {
    const answered = once(this.#child, 'message')
    this.#child.send(job)
    const [result] = (await answered) as [LoadResult]
    return result
  }

  stop(): void {
    this.#child.disconnect()
  }
}
