import { APPS_PAGE, SIGN_OUT_PAGE } from '../http/paths.ts'
import { anotherAccountForm } from './another-account.ts'
import { html } from '../../core/http/html.ts'
import { layout } from './layout.ts'
import { isolated } from './names.ts'

/** Who is signed in, and the token of the form by which they use another account. */
export interface SignedInView {
  readonly email: string
  readonly csrfToken: string
}

/** Asks whether to sign out. */
export function signOutPage(csrfToken: string, person: SignedInView | undefined): string {
  const who =
    person === undefined ? html`` : html`<p>Signed in as <strong>${isolated(person.email)}</strong>.</p>`
  return layout(
    'Sign out',
    html`
      ${who}
      <p class="secondary">
        This browser is forgotten here, and what it has begun with it. Connected applications stay connected.
      </p>
      <form method="post" action="${SIGN_OUT_PAGE}">
        <input type="hidden" name="csrf_token" value="${csrfToken}" />
        <button class="primary">Sign out</button>
      </form>
      ${person === undefined ? html`` : anotherAccountForm(person.csrfToken)}
    `,
  )
}

/** Nobody is signed in here any more. */
export function signedOutPage(): string {
  return layout(
    'Signed out',
    html`
      <p>Nobody is signed in here.</p>
      <p class="secondary">
        Your identity provider may still know you: where others use this browser, sign out there too.
      </p>
      <p><a href="${APPS_PAGE}">Connected applications</a></p>
    `,
  )
}
