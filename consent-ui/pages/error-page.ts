import { html, type SafeHtml } from './html.ts'
import { layout } from './layout.ts'

/** Says what went wrong and what to do; nothing of the request is repeated. */
export function errorPage(title: string, explanation: string, retry?: string): string {
  const again: SafeHtml = retry === undefined ? html`` : html`<p><a href="${retry}">Try again</a></p>`
  return layout(
    title,
    html`<p>${explanation}</p>
      ${again}`,
  )
}
