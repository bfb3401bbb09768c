import { APPS_PAGE, SIGN_OUT_PAGE } from '../http/paths.ts'
import { anotherAccountForm } from './another-account.ts'
import { html } from '../../core/http/html.ts'
import { cardPage, link } from './layout.ts'
import { isolated } from './names.ts'
import { en } from './texts/en.ts'

export interface SignedInView {
  readonly email: string
  /** Of the form “Use another account”. */
  readonly csrfToken: string
}

export function signOutPage(csrfToken: string, person: SignedInView | undefined): string {
  return cardPage(
    en.signOut.title,
    html`
      ${person === undefined ? html`` : html`<p>${en.signedInAs(isolated(person.email))}</p>`}
      <p class="secondary">${en.signOut.what}</p>
      <form class="actions" method="post" action="${SIGN_OUT_PAGE}">
        <input type="hidden" name="csrf_token" value="${csrfToken}" />
        <button class="primary">${en.signOut.button}</button>
      </form>
      ${person === undefined ? html`` : anotherAccountForm(person.csrfToken)}
    `,
  )
}

export function signedOutPage(): string {
  return cardPage(
    en.signOut.done,
    html`
      <p>${en.signOut.youAre}</p>
      <p class="secondary">${en.signOut.provider}</p>
      <p>${link({ href: APPS_PAGE, text: en.links.apps })}</p>
    `,
  )
}
