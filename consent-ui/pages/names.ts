import { html, type SafeHtml } from '../../core/http/html.ts'
import { en } from './texts/en/en.ts'

export function applicationName(name: string): SafeHtml {
  return isolated(nameOf(name))
}

/** The same for an attribute. */
export function nameOf(name: string): string {
  return name === '' ? en.unnamedApplication : name
}

/** Text from outside, in `bdi`: it cannot reorder the words around it (Unicode UAX 9). */
export function isolated(text: string): SafeHtml {
  return html`<bdi>${text}</bdi>`
}
