import { AsyncLocalStorage } from 'node:async_hooks'

const ids = new AsyncLocalStorage<string>()

/** Runs the work of a request. Each log line and each question to the Registry in it has its id. */
export function withRequestId<Result>(id: string | undefined, work: () => Result): Result {
  return id === undefined ? work() : ids.run(id, work)
}

/** The id of the request in whose work this is called. */
export function currentRequestId(): string | undefined {
  return ids.getStore()
}
