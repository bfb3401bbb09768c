import { APPS_PAGE, SIGN_OUT_PAGE } from '../http/paths.ts'
import { anotherAccountForm } from './another-account.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { cardPage, link } from './layout.ts'
import { isolated } from './names.ts'
import { en } from './texts/en/en.ts'

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
      <p>${link({ href: APPS_PAGE, text: en.signOut.back })}</p>
    `,
  )
}

/** The form that signs the user out at the identity provider too. */
export interface ProviderLogoutView {
  readonly host: string
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
}

interface SignedOutView {
  /** Undefined if the identity provider has no such page. */
  readonly provider?: ProviderLogoutView | undefined
  readonly isSignedOutAtProvider?: boolean
}

export function signedOutPage({ provider, isSignedOutAtProvider = false }: SignedOutView = {}): string {
  return cardPage(
    en.signOut.done,
    html`
      <p>${isSignedOutAtProvider ? en.signOut.alsoAtProvider : en.signOut.youAre}</p>
      ${isSignedOutAtProvider ? html`` : providerNote(provider)}
      <p>${link({ href: APPS_PAGE, text: en.links.apps })}</p>
    `,
  )
}

function providerNote(provider: ProviderLogoutView | undefined): SafeHtml {
  const host = provider === undefined ? undefined : isolated(provider.host)
  const note = html`<p class="secondary">${en.signOut.provider(host)}</p>`
  if (provider === undefined) return note
  const hidden = Object.entries(provider.fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  )
  return html`${note}
    <form class="actions" method="get" action="${provider.action}">
      ${hidden}
      <button class="outlined">${en.signOut.atProvider}</button>
    </form>`
}
