import type { KnownBy } from '../clients/client.ts'
import type { NameDoubt } from '../consent/name-doubt.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { applicationName, isolated } from './names.ts'

/** What the page says of who asks. */
export interface ClientView {
  /** What the application calls itself; may be empty. */
  readonly name: string
  readonly knownBy: KnownBy
  /** Where it publishes what it is, if it does. */
  readonly host: string
  /** Its answers go to a website, and to no program on the person's computer. */
  readonly isWebsite: boolean
  readonly doubt: NameDoubt | undefined
  /** When the person let it in before, in seconds since 1970. */
  readonly connectedAt: number | undefined
}

/** Who asks, who says so, and what speaks against it. */
export function whoAsks(client: ClientView): SafeHtml {
  return html`<p><strong>${applicationName(client.name)}</strong> wants to access your Quilt account.</p>
    ${client.doubt === undefined ? html`` : html`<p class="notice warning" role="alert">${doubtful(client.doubt)}</p>`}
    <p class="secondary">This will allow the application to access data on your behalf.</p>
    <p class="secondary">${vouching(client)}${connectedBefore(client)}</p>`
}

/** Who stands for the name. For what a program is that runs here, nobody can. */
function vouching({ knownBy, host, isWebsite }: ClientView): SafeHtml {
  const anyProgram = isWebsite ? '' : ' Any program on this computer can say that it is the one.'
  switch (knownBy) {
    case 'configuration':
      return html`The operator of this server has named this application.${anyProgram}`
    case 'document':
      return isWebsite
        ? html`Verified: <strong>${isolated(host)}</strong> publishes this application, and where its answers
            go.`
        : html`<strong>${isolated(host)}</strong> publishes an application of this name.${anyProgram}`
    case 'registration':
      return html`Not verified: the application says itself what it is called.`
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
      return `Its name looks like “${doubt.of}” and is written in another way. Somebody may want you to mistake it.`
    case 'answers_elsewhere':
      return `It calls itself “${doubt.of}”, but the answer does not go to an address of ${doubt.of} that we know.`
    case 'mixed_scripts':
      return 'Its name mixes the letters of several alphabets, and may not say what it seems to.'
  }
}
