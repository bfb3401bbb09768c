import { setTimeout } from 'node:timers/promises'

const POLL_MS = 5
/** Only bounds a test that fails: a busy machine may need seconds for what takes milliseconds. */
const MAX_WAIT_MS = 30_000

/** Waits for a condition that has no event. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + MAX_WAIT_MS
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${MAX_WAIT_MS} ms in vain: ${what}`)
    await setTimeout(POLL_MS)
  }
}
