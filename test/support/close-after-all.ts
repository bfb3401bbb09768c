import { AsyncLocalStorage } from 'node:async_hooks'

type Close = () => Promise<void> | void

/** Each list is closed in reverse order. */
const openForFile: Close[] = []
const openForProcess: Close[] = []
const isShared = new AsyncLocalStorage<boolean>()

/** How much of `openForFile` belongs to the file whose tests ran last. */
let openedByFile = 0
let fileOfLastTest: string | undefined

/**
 * Closes a resource after the last test of the file that opened it, before the next file's first test. What idles takes
 * processor time from the files that follow. Mocha runs hooks outside suites before the first test, for every file:
 * what they open is closed at the end.
 */
export function closeAfterAll(close: Close): void {
  const list = fileOfLastTest !== undefined && isShared.getStore() !== true ? openForFile : openForProcess
  list.push(close)
}

/** Starts something once for all files of this process. What it opens is closed after the last of them. */
export function sharedByFiles<Started>(start: () => Promise<Started>): () => Promise<Started> {
  let started: Promise<Started> | undefined
  return () => (started ??= isShared.run(true, start))
}

beforeEach(async function closeWhatTheLastFileOpened() {
  const { file } = this.currentTest ?? {}
  if (file !== fileOfLastTest) {
    const left = openForFile.splice(0, openedByFile)
    await closeEach(left)
  }
  fileOfLastTest = file
})

afterEach(function countOpen() {
  openedByFile = openForFile.length
})

after(async function closeEverything() {
  await closeEach(openForFile)
  await closeEach(openForProcess)
})

/** Closes all, also after one that fails. @throws AggregateError with what failed */
async function closeEach(list: readonly Close[]): Promise<void> {
  const failures: unknown[] = []
  for (const close of list.toReversed()) {
    try {
      await close()
    } catch (failure) {
      failures.push(failure)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '))
}
