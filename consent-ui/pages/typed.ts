import { html, type SafeHtml } from '../../core/http/html.ts'

/** A text whose words in backticks are typed by the user. */
export function typed(text: string): SafeHtml {
  const parts = text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
  return html`${parts}`
}
