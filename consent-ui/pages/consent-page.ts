import type { Service } from '../../core/services/service.ts'
import type { Offer } from '../consent/offer.ts'
import { APPS_PAGE } from '../http/paths.ts'
import { accessChoice, lifetimeChoice } from './consent-choices.ts'
import type { ShownTools } from './tool-fold.ts'
import { whoseAccount } from './whose-account.ts'
import { whoAsks, type ClientView } from './who-asks.ts'
import { anotherAccountButton } from './another-account.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { cardPage, link } from './layout.ts'
import { isolated } from './names.ts'
import { en } from './texts/en/en.ts'

export interface ConsentView {
  readonly action: string
  readonly csrfToken: string
  readonly client: ClientView
  /** Where the user goes after the answer: a website, or an application on this computer, maybe through a page. */
  readonly destination: { readonly isOnThisComputer: boolean; readonly place: string }
  /** Where the request comes from, as far as its redirect URI shows. */
  readonly asker: 'check' | 'onThisComputer' | 'elsewhere'
  readonly email: string
  /** True if the browser does not show that the account is its user's. */
  readonly asksWhoseAccount: boolean
  /** The user's active role at the Registry; undefined if it is not known. */
  readonly role: string | undefined
  readonly service: Service
  /** The service's own list; undefined if it could not be asked. */
  readonly tools: ShownTools | undefined
  readonly offer: Offer
  readonly endsWithQuiltSignIn: boolean
  /** A connection that is not used for this long ends. */
  readonly idleSeconds: number
}

const FORM = 'consent'

/**
 * Enter presses a form's first button, wherever it is on the page (HTML, implicit submission). This one sends nothing,
 * as it is in no dialog.
 */
const NO_DEFAULT_BUTTON = html`<button hidden form="${FORM}" formmethod="dialog"></button>`

export function consentPage(view: ConsentView): string {
  const { client, service, offer, asker, email, role } = view
  const person = en.consent.signedInAs(isolated(email), role === undefined ? undefined : isolated(role))
  const later = en.consent.later[offer.access.includes('full') ? 'full' : 'read']
  const notYou = anotherAccountButton('decision', { text: en.consent.notYou, form: FORM })
  return cardPage(
    en.consent.title,
    html`
      ${NO_DEFAULT_BUTTON} ${whoAsks(client)}
      <div class="facts">
        <p>${en.consent.returnTo} ${destination(view.destination)}</p>
        <p>${person} ${notYou}</p>
        <p>${en.consent.uses(html`${service.title}`)}</p>
      </div>
      <form id="${FORM}" method="post" action="${view.action}">
        <input type="hidden" name="csrf_token" value="${view.csrfToken}" />
        ${view.asksWhoseAccount ? whoseAccount(email) : html``}
        ${accessChoice(client.name, { service, offer, tools: view.tools })} ${lifetimeChoice(offer, view)}
        <p class="notice">${en.consent.onlyIfYours[asker]}</p>
        <p class="secondary">${later(link({ href: APPS_PAGE, text: en.links.apps }))}</p>
        <div class="actions">
          <button class="primary" name="decision" value="continue">${en.consent.continue}</button>
          <button name="decision" value="cancel" formnovalidate>${en.consent.cancel}</button>
        </div>
      </form>
    `,
    { script: 'inertContinue' },
  )
}

function destination({ isOnThisComputer, place }: ConsentView['destination']): SafeHtml {
  const shown = isolated(place)
  return isOnThisComputer
    ? html`<strong class="place">${en.consent.thisComputer}</strong> <span class="secondary">${shown}</span>`
    : html`<strong class="place">${shown}</strong>`
}
