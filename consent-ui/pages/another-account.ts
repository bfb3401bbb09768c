import { APPS_PAGE } from '../http/paths.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'

/** What a form sends when the person wants to sign in as another one. */
export const ANOTHER_ACCOUNT = 'another_account'

/** The button on every page that names the person, with what its form calls the answer. */
export function anotherAccountButton(name: string): SafeHtml {
  return html`<button name="${name}" value="${ANOTHER_ACCOUNT}" formnovalidate>Use another account</button>`
}

/** A form of its own, on the pages beside an authorization request. */
export function anotherAccountForm(csrfToken: string): SafeHtml {
  return html`<form method="post" action="${APPS_PAGE}">
    <input type="hidden" name="csrf_token" value="${csrfToken}" />
    ${anotherAccountButton(ANOTHER_ACCOUNT)}
  </form>`
}
