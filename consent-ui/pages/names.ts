import { html, type SafeHtml } from '../../core/http/html.ts'

export const UNNAMED_APPLICATION = 'An application without a name'

export function applicationName(name: string): SafeHtml {
  return isolated(name === '' ? UNNAMED_APPLICATION : name)
}

/** Text from outside, in `bdi`: it cannot reorder the words around it (Unicode UAX 9). */
export function isolated(text: string): SafeHtml {
  return html`<bdi>${text}</bdi>`
}
