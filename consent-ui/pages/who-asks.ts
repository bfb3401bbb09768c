import type { KnownBy } from '../clients/client.ts'
import type { NameDoubt } from '../consent/name-doubt.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { applicationName, isolated } from './names.ts'

export interface ClientView {
  readonly name: string
  readonly knownBy: KnownBy
  /** Of its client ID metadata document; empty without one. */
  readonly host: string
  /** Its redirect URI is a website, not a program on the user's computer. */
  readonly isWebsite: boolean
  readonly doubt: NameDoubt | undefined
  /** When the user approved it before, in seconds since 1970. */
  readonly connectedAt: number | undefined
}

export function whoAsks(client: ClientView): SafeHtml {
  return html`<p><strong>${applicationName(client.name)}</strong> wants to access your Quilt account.</p>
    ${client.doubt === undefined ? html`` : html`<p class="notice warning" role="alert">${doubtful(client.doubt)}</p>`}
    <p class="secondary">This will allow the application to access data on your behalf.</p>
    <p class="secondary">${vouching(client)}${connectedBefore(client)}</p>`
}

/** Says what vouches for the name. Nothing can vouch for a program on the user's computer. */
function vouching({ knownBy, host, isWebsite }: ClientView): SafeHtml {
  const anyProgram = isWebsite ? '' : ' Any program on this computer can claim to be it.'
  switch (knownBy) {
    case 'configuration':
      return html`The administrator of this server added this application.${anyProgram}`
    case 'document':
      return isWebsite
        ? html`Verified: <strong>${isolated(host)}</strong> publishes this application and the address that
            you'll return to.`
        : html`<strong>${isolated(host)}</strong> publishes an application with this name.${anyProgram}`
    case 'registration':
      return html`Not verified: the application chose this name itself.`
  }
}

function connectedBefore({ connectedAt }: ClientView): SafeHtml {
  if (connectedAt === undefined) return html``
  const day = new Date(connectedAt * 1000)
  const shown = day.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
  return html` You connected this application before, on
    <time datetime="${day.toISOString().slice(0, 10)}">${shown}</time>.`
}

function doubtful(doubt: NameDoubt): string {
  switch (doubt.kind) {
    case 'look_alike':
      return `This name looks like “${doubt.of}” but is spelled differently. Someone may be trying to mislead you.`
    case 'answers_elsewhere':
      return `It calls itself “${doubt.of}”, but you would not return to a known address of ${doubt.of}.`
    case 'mixed_scripts':
      return 'This name mixes letters of several alphabets. It may not be what it looks like.'
  }
}
