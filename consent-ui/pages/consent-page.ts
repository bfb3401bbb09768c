import type { Service } from '../../core/services.ts'
import { html, type SafeHtml } from './html.ts'
import { layout } from './layout.ts'

/** Everything that the page says. */
export interface ConsentView {
  /** Where the form is sent: the transaction's own URL. */
  readonly action: string
  readonly csrfToken: string
  /** What the application calls itself; may be empty. */
  readonly clientName: string
  /** The host, or the scheme, that the answer goes to. */
  readonly destination: string
  /** It goes to a program on the person's own computer. */
  readonly staysOnThisComputer: boolean
  readonly email: string
  readonly service: Service
  readonly days: number
  /** It may be over before, when the person's sign-in at Quilt is. */
  readonly endsWithQuiltSignIn: boolean
}

/** The page on which a person answers an application's request. */
export function consentPage(view: ConsentView): string {
  const name = view.clientName === '' ? 'An application without a name' : view.clientName
  return layout(
    'Authorize Application',
    html`
      <p><strong>${name}</strong> wants to access your Quilt account.</p>
      <p class="secondary">This will allow the application to access data on your behalf.</p>
      <dl>
        <dt>The answer goes to</dt>
        <dd class="host">${view.destination}</dd>
        <dt>It may</dt>
        <dd>
          <ul>
            <li>use the ${view.service.title} as you</li>
            <li>read and change the packages and objects that you may read and change</li>
            <li>do so for ${durationOf(view)}</li>
          </ul>
        </dd>
        <dt>Signed in as</dt>
        <dd>${view.email}</dd>
      </dl>
      ${notice(view)}
      <form method="post" action="${view.action}">
        <input type="hidden" name="csrf_token" value="${view.csrfToken}" />
        <button class="primary" name="decision" value="continue">Continue</button>
        <button name="decision" value="cancel">Cancel</button>
      </form>
    `,
  )
}

function durationOf({ days, endsWithQuiltSignIn }: ConsentView): string {
  const atMost = `up to ${days} ${days === 1 ? 'day' : 'days'}`
  return endsWithQuiltSignIn
    ? `${atMost}, or until your Quilt sign-in ends, or until access is revoked`
    : `${atMost}, or until access is revoked`
}

/** The name is the application's own claim, and on one computer any program can claim it. */
function notice(view: ConsentView): SafeHtml {
  return view.staysOnThisComputer
    ? html`<p class="notice">
        A program on this computer asks. Continue only if you have just started this connection yourself.
      </p>`
    : html`<p class="notice">Continue only if you started this connection, and know the address above.</p>`
}
