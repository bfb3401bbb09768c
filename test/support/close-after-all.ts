/** Closed in reverse order. */
const open: (() => Promise<void> | void)[] = []

/** Closes a resource after the last test of the process. */
export function closeAfterAll(close: () => Promise<void> | void): void {
  open.push(close)
}

after(async function closeEverything() {
  for (const close of open.reverse()) await close()
})
