export const MAX_NAME_CHARACTERS = 60

/** A name as it is shown: without control and direction characters, which could make it read as another, and cut. */
export function displayName(name: string): string {
  const clean = name
    .normalize('NFKC')
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  // By characters: half of one would not be text any more.
  return Array.from(clean).slice(0, MAX_NAME_CHARACTERS).join('')
}
