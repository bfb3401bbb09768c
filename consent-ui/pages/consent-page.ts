import type { Service } from '../../core/services/service.ts'
import type { Offer } from '../consent/offer.ts'
import { accessChoice, lifetimeChoice } from './consent-choices.ts'
import { whoAsks, type ClientView } from './who-asks.ts'
import { anotherAccountButton } from './another-account.ts'
import { html } from '../../core/http/html.ts'
import { cardPage } from './layout.ts'
import { isolated } from './names.ts'

export interface ConsentView {
  readonly action: string
  readonly csrfToken: string
  readonly client: ClientView
  /** Where the user returns to, in words. */
  readonly destination: string
  readonly asksFromThisComputer: boolean
  readonly email: string
  readonly service: Service
  readonly offer: Offer
  readonly endsWithQuiltSignIn: boolean
}

/** Enter presses a form's first button (HTML, implicit submission). This one sends nothing, as it is in no dialog. */
const NO_DEFAULT_BUTTON = html`<button hidden formmethod="dialog"></button>`

export function consentPage(view: ConsentView): string {
  const { client, service, offer, asksFromThisComputer } = view
  return cardPage(
    'Authorize Application',
    html`
      ${whoAsks(client)}
      <p>You are signed in as <strong>${isolated(view.email)}</strong>.</p>
      <p>The application will use <strong>${service.title}</strong> as you.</p>
      <form method="post" action="${view.action}">
        ${NO_DEFAULT_BUTTON}
        <input type="hidden" name="csrf_token" value="${view.csrfToken}" />
        ${accessChoice(client.name, service, offer)} ${lifetimeChoice(offer, view)}
        <p class="field">
          After you continue, you'll return to <strong class="host">${isolated(view.destination)}</strong>.
        </p>
        <p class="notice field">
          ${
            asksFromThisComputer
              ? 'An application on this computer is asking. Continue only if you started this connection yourself just now.'
              : 'Continue only if you started this connection and know the address above.'
          }
        </p>
        <div class="actions">
          <button class="primary" name="decision" value="continue">Continue</button>
          <button name="decision" value="cancel">Cancel</button>
          ${anotherAccountButton('decision')}
        </div>
      </form>
    `,
    { script: 'inertContinue' },
  )
}
