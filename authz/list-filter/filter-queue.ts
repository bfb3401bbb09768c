import { Worker } from 'node:worker_threads'
import { status } from '@grpc/grpc-js'
import type { ListDocument } from './answer-splitter.ts'
import { filterDocument } from './filter-document.ts'
import type { ReadAccess } from '../read-access/judge-call.ts'
import { UnreadableListError, type ListFault } from './unreadable-list-error.ts'
import type { Caller } from '../limits/caller.ts'
import { GrpcError } from '../envoy/grpc-handlers.ts'

/** Filtered at once, in at most 3 ms; larger documents go to the worker. */
const MAX_INLINE_BYTES = 32 * 1024
/** Heap of the worker; the largest document needs 60 MiB. */
const MAX_WORKER_MIB = 256

export interface FilterJob {
  readonly read: ReadAccess
  readonly document: ListDocument
}

export type FilterResult =
  | { readonly outcome: 'filtered'; readonly bytes: Uint8Array }
  | { readonly outcome: 'unreadable'; readonly fault: ListFault }

interface Pending {
  readonly job: FilterJob
  readonly caller: Caller
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: Error) => void
}

export interface FilterRequest extends FilterJob {
  readonly subject: string
  readonly caller: Caller
}

/**
 * Filters documents: small ones at once, large ones one by one in a worker thread. Users take turns, so that one user's
 * large answers do not delay another user's.
 */
export class FilterQueue {
  /** Documents by subject, in the order of turns. */
  readonly #waiting = new Map<string, Pending[]>()
  #worker: Worker | undefined
  #running: Pending | undefined

  /**
   * @throws UnreadableListError
   * @throws GrpcError when the worker fails
   */
  async filter({ subject, caller, ...job }: FilterRequest): Promise<Uint8Array> {
    if (job.document.bytes.length <= MAX_INLINE_BYTES) return filterDocument(job.read, job.document)
    return await new Promise((resolve, reject) => {
      const pending = { job, caller, resolve, reject }
      const own = this.#waiting.get(subject)
      if (own === undefined) this.#waiting.set(subject, [pending])
      else own.push(pending)
      this.#runNext()
    })
  }

  #runNext(): void {
    if (this.#running !== undefined) return
    this.#running = this.#takeNext()
    if (this.#running === undefined) return
    this.#worker ??= this.#startWorker()
    this.#worker.postMessage(this.#running.job)
  }

  /** Takes the first document of the next user; the user's other documents wait for their next turn. */
  #takeNext(): Pending | undefined {
    for (const [subject, own] of this.#waiting) {
      this.#waiting.delete(subject)
      const wanted = own.findIndex(({ caller }) => !caller.isGone)
      for (const gone of own.slice(0, wanted < 0 ? own.length : wanted)) gone.reject(unavailable())
      if (wanted < 0) continue
      const others = own.slice(wanted + 1)
      if (others.length > 0) this.#waiting.set(subject, others)
      return own[wanted]
    }
    return undefined
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('filter-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MAX_WORKER_MIB },
    })
    worker.on('message', (result: FilterResult) => this.#finish(result))
    // The worker ends after an error, such as out of memory; the next document starts a new one.
    worker.on('error', () => this.#fail(worker))
    worker.on('exit', () => this.#fail(worker))
    worker.unref()
    return worker
  }

  #finish(result: FilterResult): void {
    const running = this.#running
    this.#running = undefined
    if (result.outcome === 'filtered') running?.resolve(result.bytes)
    else running?.reject(new UnreadableListError(result.fault))
    this.#runNext()
  }

  #fail(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    const running = this.#running
    this.#running = undefined
    running?.reject(unavailable())
    this.#runNext()
  }
}

function unavailable(): GrpcError {
  return new GrpcError(status.UNAVAILABLE, 'the answer could not be filtered')
}
