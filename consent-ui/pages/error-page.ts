import { html } from '../../core/http/html.ts'
import type { Explanation } from '../oauth/errors.ts'
import { APPS_PAGE, CHECK_PAGE, HOME_PAGE } from '../http/paths.ts'
import { cardPage, link, type Link } from './layout.ts'
import { isolated } from './names.ts'
import { en } from './texts/en/en.ts'
import { typed } from './typed.ts'

interface Remedy {
  /** What the user can do, in order; words in backticks are typed. */
  readonly steps?: readonly string[] | undefined
  /** The likeliest way on. */
  readonly again?: Link | undefined
  /** By which the operator finds the request in every log. */
  readonly requestId: string | undefined
}

/** Ways on from any error. */
const ANYWHERE: readonly Link[] = [
  { href: APPS_PAGE, text: en.links.apps },
  { href: HOME_PAGE, text: en.links.connect },
]

/** Says what went wrong and what to do. It quotes nothing of the request. */
export function errorPage(explanation: Explanation, { steps = [], again, requestId }: Remedy): string {
  const others = ANYWHERE.filter(({ href }) => href !== again?.href)
  return faultPage(explanation, {
    requestId,
    steps,
    ways: again === undefined ? others : [again, ...others],
  })
}

export function notFoundPage(requestId: string | undefined): string {
  const check = { href: CHECK_PAGE, text: en.check.title }
  return faultPage(en.notFound, { requestId, ways: [...ANYWHERE, check] })
}

interface Fault extends Pick<Remedy, 'steps' | 'requestId'> {
  readonly ways: readonly Link[]
}

function faultPage({ title, text }: Explanation, { steps = [], ways, requestId }: Fault): string {
  return cardPage(
    title,
    html`<p>${text}</p>
      ${
        steps.length === 0
          ? html``
          : html`<ol>
              ${steps.map((step) => html`<li>${typed(step)}</li>`)}
            </ol>`
      }
      <ul class="ways">
        ${ways.map((way) => html`<li>${link(way)}</li>`)}
      </ul>
      ${requestId === undefined ? html`` : html`<p class="secondary">${en.errors.requestId(isolated(requestId))}</p>`}`,
  )
}
