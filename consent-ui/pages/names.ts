import { html, type SafeHtml } from '../../core/http/html.ts'

/** An application's name, which it chose itself, or may have left out. */
export function applicationName(name: string): SafeHtml {
  return isolated(name === '' ? 'An application without a name' : name)
}

/** A text from outside, which cannot change the order of the words around it (Unicode UAX 9, HTML `bdi`). */
export function isolated(text: string): SafeHtml {
  return html`<bdi>${text}</bdi>`
}
