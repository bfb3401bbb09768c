import { html, type SafeHtml } from '../../core/http/html.ts'
import { isolated } from './names.ts'
import { en } from './texts/en/en.ts'

/** The form's field by which users confirm that an account is theirs. */
export const OWN_ACCOUNT = 'own_account'

/** Asks users whether the account is theirs, where the browser does not show it. */
export function whoseAccount(email: string): SafeHtml {
  const { is, why, confirm } = en.consent.whoseAccount
  return html`<div class="notice warning" role="group" aria-labelledby="whose-account">
    <p id="whose-account">${is} <strong class="place">${isolated(email)}</strong></p>
    <p>${why}</p>
    <div class="choice">
      <input type="checkbox" id="${OWN_ACCOUNT}" name="${OWN_ACCOUNT}" value="yes" required />
      <label for="${OWN_ACCOUNT}">${confirm}</label>
    </div>
  </div>`
}
