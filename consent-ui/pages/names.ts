import { html, type SafeHtml } from '../../core/http/html.ts'
import { en } from './texts/en/en.ts'

interface BlockedClient {
  readonly entry: string
  /** Undefined if it is not known. */
  readonly clientName: string | undefined
}

export function applicationName(name: string): SafeHtml {
  return isolated(nameOf(name))
}

/** The same for an attribute. */
export function nameOf(name: string): string {
  return name === '' ? en.unnamedApplication : name
}

/** A blocked client, for an attribute or a sentence. With its entry: a client chooses its own name. */
export function blockedName({ entry, clientName }: BlockedClient): string {
  return clientName === undefined ? entry : `${nameOf(clientName)} (${entry})`
}

/** Text from outside, in `bdi`: it cannot reorder the words around it (Unicode UAX 9). */
export function isolated(text: string): SafeHtml {
  return html`<bdi>${text}</bdi>`
}
