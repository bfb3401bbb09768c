import type { Service } from '../../core/services/service.ts'
import type { Offer } from '../consent/offer.ts'
import { accessChoice, lifetimeChoice } from './consent-choices.ts'
import { whoAsks, type ClientView } from './consent-client.ts'
import { anotherAccountButton } from './another-account.ts'
import { html } from '../../core/http/html.ts'
import { layout } from './layout.ts'
import { isolated } from './names.ts'

/** Everything that the page says. */
export interface ConsentView {
  /** Where the form is sent: the transaction's own URL. */
  readonly action: string
  readonly csrfToken: string
  readonly client: ClientView
  /** The host, or the scheme, that the answer goes to. */
  readonly destination: string
  /** It is known to go to a program on the person's own computer. */
  readonly asksFromThisComputer: boolean
  readonly email: string
  readonly service: Service
  readonly offer: Offer
  /** It may be over before, when the person's sign-in at Quilt is. */
  readonly endsWithQuiltSignIn: boolean
}

/**
 * Enter in a choice presses a form's first button (HTML, implicit submission). This one sends nothing, since the form
 * is in no dialog; a disabled one would be passed over for the next.
 */
const NO_DEFAULT_BUTTON = html`<button hidden formmethod="dialog"></button>`

/** The page on which a person answers an application's request. */
export function consentPage(view: ConsentView): string {
  const { client, service, offer, asksFromThisComputer } = view
  return layout(
    'Authorize Application',
    html`
      ${whoAsks(client)}
      <dl>
        <dt>The answer goes to</dt>
        <dd class="host">${isolated(view.destination)}</dd>
        <dt>It may use, as you</dt>
        <dd>${service.title}</dd>
        <dt>Signed in as</dt>
        <dd>${isolated(view.email)}</dd>
      </dl>
      <form method="post" action="${view.action}">
        ${NO_DEFAULT_BUTTON}
        <input type="hidden" name="csrf_token" value="${view.csrfToken}" />
        ${accessChoice(service, offer)} ${lifetimeChoice(offer, view)}
        <p class="notice field">
          ${
            asksFromThisComputer
              ? 'A program on this computer asks. Continue only if you have just started this connection yourself.'
              : 'Continue only if you started this connection, and know the address above.'
          }
        </p>
        <button class="primary" name="decision" value="continue">Continue</button>
        <button name="decision" value="cancel">Cancel</button>
        ${anotherAccountButton('decision')}
      </form>
    `,
  )
}
