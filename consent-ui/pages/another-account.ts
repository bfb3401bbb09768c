import { APPS_PAGE } from '../http/paths.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { en } from './texts/en/en.ts'

export const ANOTHER_ACCOUNT = 'another_account'

/** @param name - the form's name for the requested action */
export function anotherAccountButton(
  name: string,
  { text = en.links.anotherAccount, form }: { readonly text?: string; readonly form?: string } = {},
): SafeHtml {
  const ofForm = form === undefined ? html`` : html` form="${form}"`
  return html`<button class="link" name="${name}" value="${ANOTHER_ACCOUNT}" ${ofForm} formnovalidate>
    ${text}
  </button>`
}

/** For pages outside an authorization request. */
export function anotherAccountForm(csrfToken: string): SafeHtml {
  return html`<form method="post" action="${APPS_PAGE}">
    <input type="hidden" name="csrf_token" value="${csrfToken}" />
    ${anotherAccountButton(ANOTHER_ACCOUNT)}
  </form>`
}
