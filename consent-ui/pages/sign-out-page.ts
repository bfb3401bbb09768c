import { APPS_PAGE, SIGN_OUT_PAGE } from '../paths.ts'
import { html } from './html.ts'
import { layout } from './layout.ts'

/** Asks whether to sign out. */
export function signOutPage(email: string | undefined, csrfToken: string): string {
  const who = email === undefined ? html`` : html`<p>Signed in as <strong>${email}</strong>.</p>`
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
