/** Ends of sessions under way at the same time: each waits for the acknowledgements of every authz. */
const AT_ONCE = 50

/** Works on a few at a time. The first failure is thrown once every other of its batch has settled. */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const batch = items.slice(from, from + AT_ONCE).map(work)
    await Promise.allSettled(batch)
    results.push(...(await Promise.all(batch)))
  }
  return results
}
