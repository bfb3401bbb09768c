import { html, type SafeHtml } from '../../core/http/html.ts'
import { layout } from './layout.ts'

interface Remedy {
  /** What the user can do, in order; words in backticks are typed. */
  readonly steps?: readonly string[] | undefined
  readonly link?: { readonly href: string; readonly text: string } | undefined
}

/** Says what went wrong and what to do. It quotes nothing of the request. */
export function errorPage(title: string, explanation: string, { steps = [], link }: Remedy): string {
  const list: SafeHtml =
    steps.length === 0
      ? html``
      : html`<ol>
          ${steps.map(step)}
        </ol>`
  const again: SafeHtml = link === undefined ? html`` : html`<p><a href="${link.href}">${link.text}</a></p>`
  return layout(
    title,
    html`<p>${explanation}</p>
      ${list} ${again}`,
  )
}

function step(text: string): SafeHtml {
  const parts = text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
  return html`<li>${parts}</li>`
}
