import { setTimeout } from 'node:timers/promises'

const POLL_MS = 5
const LONGEST_MS = 5000

/** Waits for what gives no sign of its own. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + LONGEST_MS
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited ${LONGEST_MS} ms in vain: ${what}`)
    await setTimeout(POLL_MS)
  }
}
