/**
 * Letters that pass for others, by what they pass for (a part of Unicode's confusables, UTS 39, that holds those of
 * the names that we look for). Accents are taken off before.
 */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  a: 'аαɑ⍺ᴀ',
  b: 'ЬƄВвᏏβʙ',
  c: 'сϲⅽᴄсС',
  d: 'ԁⅾɗᏧᴅ',
  e: 'еҽεєᴇ℮',
  f: 'ƒϝꜰ',
  g: 'ɡցԍɢ',
  h: 'һհᏂНнʜ',
  i: 'іιɩӏ¡ıɪ',
  j: 'јϳᴊ',
  k: 'кκᴋ',
  l: 'ӏ|Ⅰⅼǀ1Iʟ',
  m: 'мⅿΜᴍ',
  n: 'пոηɴ',
  o: 'оοօ0ଠ〇ⲟᴏ',
  p: 'рρⲣᴘ',
  q: 'ԛգ',
  r: 'гᴦʀ',
  s: 'ѕꜱ5$',
  t: 'тτᴛ',
  u: 'υսцᴜ',
  v: 'ѵνⅴᴠ',
  w: 'ѡԝաᴡ',
  x: 'хχⅹ×',
  y: 'уүγʏ',
  z: 'ᴢ',
}
const LOOKS_LIKE = new Map(
  Object.entries(LOOK_ALIKES).flatMap(([letter, others]) => Array.from(others, (other) => [other, letter])),
)

/** What a name looks like: equal for names that a person takes for the same. */
export function appearanceOf(name: string): string {
  // Capitals are looked at first: the one of i passes for an l.
  const bare = name.normalize('NFKD').replace(/\p{M}/gu, '')
  return Array.from(bare, (letter) => LOOKS_LIKE.get(letter) ?? plainOf(letter.toLowerCase()))
    .join('')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('i', 'l')
}

/** A capital may have a small letter that passes for another. */
function plainOf(letter: string): string {
  return LOOKS_LIKE.get(letter) ?? letter
}

/** Alphabets whose letters pass for one another's; no language writes one word in two of them. */
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

/** Whether one of its words is written with letters of several alphabets. */
export function mixesScripts(name: string): boolean {
  return name
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .some((word) => LETTERS.filter((letter) => letter.test(word)).length > 1)
}
