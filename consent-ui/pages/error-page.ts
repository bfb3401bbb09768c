import { html, type SafeHtml } from './html.ts'
import { layout } from './layout.ts'

/** Says what went wrong and what to do; nothing of the request is repeated. */
export function errorPage(
  title: string,
  explanation: string,
  link?: { readonly href: string; readonly text: string },
): string {
  const again: SafeHtml = link === undefined ? html`` : html`<p><a href="${link.href}">${link.text}</a></p>`
  return layout(
    title,
    html`<p>${explanation}</p>
      ${again}`,
  )
}
