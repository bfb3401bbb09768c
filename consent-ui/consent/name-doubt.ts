import { staysOnThisComputer } from '../../core/clients/allowed-hosts.ts'
import type { KnownBy } from '../clients/client.ts'
import { KNOWN_APPLICATIONS, type KnownApplication } from './known-applications.ts'
import { appearanceOf, mixesScripts } from './look-alike.ts'

/** Why a name may not be what it looks like. */
export type NameDoubt =
  /** It is written to be read as another one. */
  | { readonly kind: 'look_alike'; readonly of: string }
  /** It is that of an application whose answers go elsewhere. */
  | { readonly kind: 'answers_elsewhere'; readonly of: string }
  | { readonly kind: 'mixed_scripts' }

/**
 * Looks at a name as a person does who knows some applications by theirs. Nobody keeps a client from calling itself
 * what it likes; what the operator or a site answers for is not doubted, but for how it is written.
 */
export function nameDoubt(name: string, redirectUri: URL, knownBy: KnownBy): NameDoubt | undefined {
  const spelled = KNOWN_APPLICATIONS.filter((known) => isSpelledIn(known, name))
  const looked = KNOWN_APPLICATIONS.filter((known) => isSeenIn(known, name) && !spelled.includes(known))
  const [imitated] = looked
  if (imitated !== undefined) return { kind: 'look_alike', of: imitated.name }
  if (mixesScripts(name)) return { kind: 'mixed_scripts' }
  // A program on this computer may be any of them; that, the page says of each.
  if (knownBy !== 'registration' || staysOnThisComputer(redirectUri)) return undefined
  const named = KNOWN_APPLICATIONS.filter((known) => {
    return spelled.includes(known) || isSpelledIn(known, takenApart(name))
  })
  const isTheirs = named.some(({ answersAt }) => answersAt.test(redirectUri.href))
  const [claimed] = named
  return isTheirs || claimed === undefined ? undefined : { kind: 'answers_elsewhere', of: claimed.name }
}

/** Word by word, in plain letters: `Claude` is in `Claude Code`, and not in `Claudette`. */
function isSpelledIn(known: KnownApplication, name: string): boolean {
  const words = ` ${wordsOf(name)} `
  return namesOf(known).some((one) => words.includes(` ${wordsOf(one)} `))
}

/** Words begin at capitals and numbers too: `ClaudeCode2` is `Claude Code 2`. */
function takenApart(name: string): string {
  return name.replace(/\p{Ll}(?=\p{Lu})|\p{L}(?=\p{N})/gu, '$& ')
}

/** However it is written, and whatever is between the letters: the whole name, or its first or last word. */
function isSeenIn(known: KnownApplication, name: string): boolean {
  const words = name.split(/[^\p{L}\p{M}\p{N}|$]+/u).filter((word) => word !== '')
  const seen = new Set(
    [name, ...words, words.slice(0, 2).join(''), words.slice(-2).join('')].map(appearanceOf),
  )
  return namesOf(known).some((one) => seen.has(appearanceOf(one)))
}

function namesOf({ name, alsoWritten }: KnownApplication): readonly string[] {
  return [name, ...alsoWritten]
}

function wordsOf(text: string): string {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .join(' ')
    .trim()
}
