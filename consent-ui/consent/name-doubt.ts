import { staysOnThisComputer } from '../../core/clients/allowed-hosts.ts'
import {
  KNOWN_APPLICATIONS,
  usesRedirect,
  type KnownApplication,
} from '../../core/clients/known-applications.ts'
import type { KnownBy } from '../clients/client.ts'
import { appearanceOf, mixesScripts } from './look-alike.ts'

export type NameDoubt =
  /** It looks like a protected name and is spelled differently. */
  | { readonly kind: 'look_alike'; readonly of: string }
  /** It is a protected name, but its redirect URI is not one of that application's. */
  | { readonly kind: 'answers_elsewhere'; readonly of: string }
  | { readonly kind: 'mixed_scripts' }

interface ProtectedApplication {
  /** As warnings name it. */
  readonly name: string
  readonly names: readonly string[]
  readonly appearances: readonly string[]
  readonly application: KnownApplication
}

const PROTECTED = KNOWN_APPLICATIONS.flatMap((application): ProtectedApplication[] => {
  const names = application.protectedNames
  return names === undefined
    ? []
    : [{ name: names[0], names, appearances: names.map(appearanceOf), application }]
})

/** Compares a client's name with names that users trust. Vouched names are only checked for look-alike letters. */
export function nameDoubt(name: string, redirectUri: URL, knownBy: KnownBy): NameDoubt | undefined {
  const spelled = PROTECTED.filter((one) => isSpelledIn(one, name))
  const seen = appearancesIn(name)
  const imitated = PROTECTED.find(
    (one) => one.appearances.some((appearance) => seen.has(appearance)) && !spelled.includes(one),
  )
  if (imitated !== undefined) return { kind: 'look_alike', of: imitated.name }
  if (mixesScripts(name)) return { kind: 'mixed_scripts' }
  // Any program on the user's computer may be that application; the page says so.
  if (knownBy !== 'registration' || staysOnThisComputer(redirectUri)) return undefined
  const named = PROTECTED.filter((one) => spelled.includes(one) || isSpelledIn(one, splitWords(name)))
  const isTheirs = named.some(({ application }) => usesRedirect(application, redirectUri))
  const [claimed] = named
  return isTheirs || claimed === undefined ? undefined : { kind: 'answers_elsewhere', of: claimed.name }
}

/** Compares whole words: `Claude` is in `Claude Code`, not in `Claudette`. */
function isSpelledIn({ names }: ProtectedApplication, name: string): boolean {
  const words = ` ${wordsOf(name)} `
  return names.some((one) => words.includes(` ${wordsOf(one)} `))
}

/** Splits words at capitals and digits too: `ClaudeCode2` is `Claude Code 2`. */
function splitWords(name: string): string {
  return name.replace(/\p{Ll}(?=\p{Lu})|\p{L}(?=\p{N})/gu, '$& ')
}

/** The looks of the whole name and of its first and last words, ignoring what separates letters. */
function appearancesIn(name: string): ReadonlySet<string> {
  const words = name.split(/[^\p{L}\p{M}\p{N}|$]+/u).filter((word) => word !== '')
  return new Set([name, ...words, words.slice(0, 2).join(''), words.slice(-2).join('')].map(appearanceOf))
}

function wordsOf(text: string): string {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .join(' ')
    .trim()
}
