import { anotherAccountButton } from './another-account.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { cardPage } from './layout.ts'
import { applicationName, isolated } from './names.ts'
import { en } from './texts/en/en.ts'

export interface CodeView {
  readonly action: string
  readonly csrfToken: string
  /** Of a sign-in outside an authorization request; the connected applications by default. */
  readonly purpose?: 'admin'
  /** The client's name, may be empty; undefined outside an authorization request. */
  readonly clientName: string | undefined
  /** The Connect host, the only place to paste a code. */
  readonly host: string
  /** The Registry's page that shows a code after sign-in. */
  readonly loginUrl: string
  /** The user whose code is expected, if known. */
  readonly email: string | undefined
  readonly fault: string | undefined
}

export function codePage(view: CodeView): string {
  const fault =
    view.fault === undefined
      ? html``
      : html`<p class="notice warning" id="fault" role="alert">${view.fault}</p>`
  const description = view.fault === undefined ? 'where' : 'fault where'
  return cardPage(
    en.code.title,
    html`
      <p>${purposeOf(view)}</p>
      ${fault} ${steps(view)}
      <form method="post" action="${view.action}">
        <input type="hidden" name="csrf_token" value="${view.csrfToken}" />
        <div class="field">
          <label for="quilt_code">${en.code.label}</label>
          <input
            id="quilt_code"
            name="quilt_code"
            type="text"
            autocomplete="one-time-code"
            autocapitalize="off"
            spellcheck="false"
            aria-describedby="${description}"
            required
          />
          <p class="secondary" id="where">${en.code.where(view.host)}</p>
        </div>
        <div class="actions">
          <button class="primary" name="decision" value="code">${en.code.continue}</button>
          ${view.clientName === undefined ? html`` : CANCEL}
          ${view.email === undefined ? html`` : anotherAccountButton('decision')}
        </div>
      </form>
    `,
  )
}

const CANCEL = html`<button name="decision" value="cancel" formnovalidate>${en.code.cancel}</button>`

function steps({ loginUrl, email }: CodeView): SafeHtml {
  const open = en.code.open({
    link: (text) => html`<a href="${loginUrl}" target="_blank" rel="noopener noreferrer">${text}</a>`,
    host: new URL(loginUrl).host,
    email: email === undefined ? undefined : isolated(email),
  })
  return html`<ol>
    <li>${open}</li>
    <li>${en.code.copy}</li>
    <li>${en.code.paste}</li>
  </ol>`
}

function purposeOf({ clientName, purpose }: CodeView): SafeHtml {
  if (purpose === 'admin') return html`${en.code.forAdmin}`
  return clientName === undefined
    ? html`${en.code.forApps}`
    : en.code.forApplication(applicationName(clientName))
}
