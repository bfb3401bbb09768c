import { html } from '../../core/http/html.ts'
import { APPS_PAGE, NOTICE_PAGE } from '../http/paths.ts'
import { cardPage, link } from './layout.ts'
import { isolated } from './names.ts'
import { en } from './texts/en/en.ts'

/** @param token - of the notice's link; the form sends it, so that the address it goes to holds no secret */
export function noticePage(token: string, facts: readonly (readonly [string, string])[]): string {
  const { notice } = en
  return cardPage(
    notice.title,
    html`
      <p>${notice.question}</p>
      <dl>
        ${facts.map(
          ([what, value]) =>
            html`<dt>${what}</dt>
              <dd>${isolated(value)}</dd>`,
        )}
      </dl>
      <p>${notice.keep}</p>
      <form class="actions" method="post" action="${NOTICE_PAGE}">
        <input type="hidden" name="k" value="${token}" />
        <button class="primary">${notice.end}</button>
      </form>
    `,
  )
}

export function connectionEndedPage(isConfirmed: boolean): string {
  return cardPage(
    en.notice.ended.title,
    html`<p role="status">${en.notice.ended.text}</p>
      ${isConfirmed ? html`` : html`<p class="notice warning">${en.notice.unconfirmed}</p>`}
      <p>${link({ href: APPS_PAGE, text: en.links.apps })}</p>`,
  )
}

export function nothingToEndPage(): string {
  return cardPage(
    en.notice.gone.title,
    html`<p>${en.notice.gone.text}</p>
      <p>${link({ href: APPS_PAGE, text: en.links.apps })}</p>`,
  )
}
