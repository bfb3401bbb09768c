import { staysOnThisComputer } from '../../core/clients/allowed-hosts.ts'
import {
  KNOWN_APPLICATIONS,
  usesRedirect,
  type KnownApplication,
} from '../../core/clients/known-applications.ts'
import type { Parameters } from '../oauth/parameters.ts'
import { en } from '../pages/texts/en/en.ts'

const MAX_HINT_CHARACTERS = 2000

export interface ApplicationGuess {
  readonly application: KnownApplication
  /** Its redirect URI is on the user's computer, where other programs use the same. */
  readonly isShared: boolean
}

/** Guesses which application sent an unknown client's request. Only the words on the page depend on it. */
export function guessApplication(parameters: Parameters, userAgent: string): ApplicationGuess | undefined {
  const url = URL.parse(bounded(parameters.get('redirect_uri')))
  const known = KNOWN_APPLICATIONS.filter(({ name }) => en.applications.forget[name] !== undefined)
  const byRedirect = url === null ? undefined : known.find((one) => usesRedirect(one, url))
  if (url !== null && byRedirect !== undefined) {
    return { application: byRedirect, isShared: staysOnThisComputer(url) }
  }
  const byWindow = known.find((one) => one.userAgent?.test(bounded(userAgent)))
  return byWindow === undefined ? undefined : { application: byWindow, isShared: false }
}

function bounded(hint = ''): string {
  return hint.length > MAX_HINT_CHARACTERS ? '' : hint
}
