import { APPS_PAGE, SIGN_OUT_PAGE } from '../http/paths.ts'
import { anotherAccountForm } from './another-account.ts'
import { html } from '../../core/http/html.ts'
import { layout } from './layout.ts'
import { isolated } from './names.ts'

export interface SignedInView {
  readonly email: string
  /** Of the form “Use another account”. */
  readonly csrfToken: string
}

export function signOutPage(csrfToken: string, person: SignedInView | undefined): string {
  const who =
    person === undefined
      ? html``
      : html`<p>You are signed in as <strong>${isolated(person.email)}</strong>.</p>`
  return layout(
    'Sign out',
    html`
      ${who}
      <p class="secondary">
        This browser will be forgotten here, with everything that you started in it. Your connected
        applications stay connected.
      </p>
      <form method="post" action="${SIGN_OUT_PAGE}">
        <input type="hidden" name="csrf_token" value="${csrfToken}" />
        <button class="primary">Sign out</button>
      </form>
      ${person === undefined ? html`` : anotherAccountForm(person.csrfToken)}
    `,
  )
}

export function signedOutPage(): string {
  return layout(
    'Signed out',
    html`
      <p>You are signed out.</p>
      <p class="secondary">
        You may still be signed in at your identity provider. If others use this browser, sign out there too.
      </p>
      <p><a href="${APPS_PAGE}">Connected applications</a></p>
    `,
  )
}
