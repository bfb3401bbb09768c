import { parentPort } from 'node:worker_threads'
import { filterDocument } from './filter-document.ts'
import { UnreadableListError } from './unreadable-list-error.ts'
import type { FilterJob, FilterResult } from './filter-queue.ts'

/** Filters large documents in a worker thread, so that checks do not wait for them. */
parentPort?.on('message', (job: FilterJob) => {
  parentPort?.postMessage(resultOf(job))
})

function resultOf({ read, document }: FilterJob): FilterResult {
  try {
    return { outcome: 'filtered', bytes: filterDocument(read, document) }
  } catch (error) {
    if (error instanceof UnreadableListError) return { outcome: 'unreadable', fault: error.fault }
    throw error
  }
}
