import unhomoglyph from 'unhomoglyph'

/** Look-alikes that Unicode's confusables (UTS 39) lack: mainly small capitals, which they map to one another. */
const FURTHER_LOOK_ALIKES: Readonly<Record<string, string>> = {
  a: 'ᴀ',
  b: 'ʙß',
  c: 'ς',
  d: 'ᴅ',
  e: 'ᴇꞓ',
  f: 'ꜰϝ',
  g: 'ɢ',
  h: 'ʜ',
  i: '¡',
  j: 'ᴊ',
  k: 'ĸ',
  l: 'ʟ',
  m: 'ʍ',
  n: 'ɴπ',
  p: 'ᴘ',
  r: 'ʀ',
  s: '5$',
  t: 'ᴛ',
  u: 'ц',
  x: 'χ',
}
const LOOKS_LIKE = new Map(
  Object.entries(FURTHER_LOOK_ALIKES).flatMap(([letter, others]) =>
    Array.from(others, (other) => [other, letter]),
  ),
)

/** What a name looks like: equal for names that a user takes for the same. */
export function appearanceOf(name: string): string {
  // Capitals first: I looks like l, and its lower case does not.
  const small = unhomoglyph(withoutMarks(name)).toLowerCase()
  const skeleton = withoutMarks(unhomoglyph(small)).toLowerCase()
  return Array.from(skeleton, (letter) => LOOKS_LIKE.get(letter) ?? letter)
    .join('')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('i', 'l')
}

function withoutMarks(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '')
}

/** Alphabets with look-alike letters; no language mixes two of them in one word. */
const ALPHABETS = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Armenian',
  'Cherokee',
  'Coptic',
  'Georgian',
  'Hebrew',
  'Arabic',
]
const LETTERS = ALPHABETS.map((alphabet) => new RegExp(`\\p{Script=${alphabet}}`, 'u'))

/** True if one word of the name has letters of several alphabets. */
export function mixesScripts(name: string): boolean {
  return name
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .some((word) => LETTERS.filter((letter) => letter.test(word)).length > 1)
}
