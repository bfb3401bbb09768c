/** Max share of a word's letters that may differ. */
const MAX_DISTANCE_SHARE = 0.4

/** The word that was probably meant; undefined if none resembles what was typed. */
export function closest(typed: string, words: readonly string[]): string | undefined {
  const [nearest] = words
    .map((word) => ({ word, distance: distanceOf(typed, word) }))
    .filter(({ word, distance }) => distance <= word.length * MAX_DISTANCE_SHARE)
    .sort((one, other) => one.distance - other.distance)
  return nearest?.word
}

/** Levenshtein distance: letters to add, remove or replace. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let at = 0; at < one.length; at += 1) {
    const next = [at + 1]
    for (let otherAt = 0; otherAt < other.length; otherAt += 1) {
      const replaced = (row[otherAt] ?? 0) + (one[at] === other[otherAt] ? 0 : 1)
      next.push(Math.min(replaced, (row[otherAt + 1] ?? 0) + 1, (next[otherAt] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
