import { anotherAccountButton } from './another-account.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { layout } from './layout.ts'
import { applicationName, isolated } from './names.ts'

export interface CodeView {
  readonly action: string
  readonly csrfToken: string
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
  const who = view.email === undefined ? html`` : html` as <strong>${isolated(view.email)}</strong>`
  const fault =
    view.fault === undefined ? html`` : html`<p class="notice" id="fault" role="alert">${view.fault}</p>`
  const description = view.fault === undefined ? 'where' : 'fault where'
  return layout(
    'Sign in to Quilt',
    html`
      <p>${purposeOf(view)}</p>
      ${fault}
      <ol>
        <li>
          Open <a href="${view.loginUrl}" target="_blank" rel="noopener noreferrer">the Quilt sign-in page</a>
          at ${new URL(view.loginUrl).host} in a new tab, and sign in${who}.
        </li>
        <li>Copy the code that it shows.</li>
        <li>Paste it here.</li>
      </ol>
      <form method="post" action="${view.action}">
        <input type="hidden" name="csrf_token" value="${view.csrfToken}" />
        <div class="field">
          <label for="quilt_code">One-time code from Quilt</label>
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
          <p class="secondary" id="where">
            Anyone who has this code can act as you. Paste it only at <strong>${view.host}</strong>, never in
            a chat or an email.
          </p>
        </div>
        <button class="primary" name="decision" value="code">Continue</button>
        ${view.clientName === undefined ? html`` : CANCEL}
        ${view.email === undefined ? html`` : anotherAccountButton('decision')}
      </form>
    `,
  )
}

const CANCEL = html`<button name="decision" value="cancel" formnovalidate>Cancel</button>`

function purposeOf({ clientName }: CodeView): SafeHtml {
  if (clientName === undefined) return html`Sign in to see your connected applications.`
  return html`<strong>${applicationName(clientName)}</strong> wants to access your Quilt account. Before you
    decide, sign in to Quilt.`
}
