import { html, type SafeHtml } from '../../core/http/html.ts'
import type { KnownBy } from '../clients/client.ts'
import { isolated } from './names.ts'
import { en } from './texts/en/en.ts'

/** How a client is known. */
export interface Vouching {
  /** `connect` for Connect's own check, which only its redirect URI shows. */
  readonly knownBy: KnownBy | 'connect'
  /** Of its client ID metadata document; empty without one. */
  readonly host: string
  /** Its redirect URI is a website, not a program on the user's computer. */
  readonly isWebsite: boolean
}

/** Says in a few words what vouches for a client's name. */
export function badge({ knownBy, host, isWebsite }: Vouching): SafeHtml {
  if (knownBy === 'connect') return html`<span class="badge known">${en.badges.ownCheck}</span>`
  const texts = isWebsite ? en.badges.known : en.badges.onThisComputer
  const look = knownBy === 'registration' ? 'doubtful' : isWebsite ? 'known' : 'neutral'
  return html`<span class="badge ${look}">${texts[knownBy](isolated(host))}</span>`
}

/** Says it in a sentence. Nothing can vouch for a program on the user's computer. */
export function vouching({ knownBy, isWebsite }: Vouching): string {
  if (knownBy === 'connect') return ''
  if (knownBy === 'registration') return en.badges.why.registration
  return isWebsite ? en.badges.why[knownBy] : en.badges.why.onThisComputer
}
