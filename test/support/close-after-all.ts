/** What a test opened and has to be closed, last first. */
const open: (() => Promise<void> | void)[] = []

/** Closes it after the last test, whatever became of the tests. */
export function closeAfterAll(close: () => Promise<void> | void): void {
  open.push(close)
}

after(async function closeEverything() {
  for (const close of open.reverse()) await close()
})
