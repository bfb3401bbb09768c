import { html, type SafeHtml } from '../../core/http/html.ts'
import type { Explanation } from '../oauth/errors.ts'
import { cardPage, link, type Link } from './layout.ts'
import { isolated } from './names.ts'
import { en } from './texts/en/en.ts'

interface Remedy {
  /** What the user can do, in order; words in backticks are typed. */
  readonly steps?: readonly string[] | undefined
  readonly again?: Link | undefined
  /** By which the operator finds the request in every log. */
  readonly requestId?: string | undefined
}

/** Says what went wrong and what to do. It quotes nothing of the request. */
export function errorPage({ title, text }: Explanation, { steps = [], again, requestId }: Remedy): string {
  return cardPage(
    title,
    html`<p>${text}</p>
      ${
        steps.length === 0
          ? html``
          : html`<ol>
              ${steps.map(step)}
            </ol>`
      }
      ${again === undefined ? html`` : html`<p>${link(again)}</p>`}
      ${requestId === undefined ? html`` : html`<p class="secondary">${en.errors.requestId(isolated(requestId))}</p>`}`,
  )
}

function step(text: string): SafeHtml {
  const parts = text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
  return html`<li>${parts}</li>`
}
