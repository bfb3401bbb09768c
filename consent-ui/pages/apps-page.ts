import { APPS_PAGE, HOME_PAGE, SIGN_OUT_PAGE } from '../http/paths.ts'
import { anotherAccountForm } from './another-account.ts'
import { badge, type Vouching } from './badge.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { connection, type SessionView } from './connection.ts'
import { layout, link } from './layout.ts'
import { applicationName, isolated, nameOf } from './names.ts'
import { outcomeNotice, type OutcomeNotice } from './outcome-notice.ts'
import { en } from './texts/en/en.ts'
import { moment } from './times.ts'

/** Sessions that were approved in one kind of browser and network; both may be empty. */
interface DeviceView {
  readonly device: string
  readonly network: string
  readonly sessions: readonly SessionView[]
}

export interface AppView {
  readonly name: string
  readonly isBlocked: boolean
  /** Undefined for sessions that do not record it, as the next. */
  readonly vouching: Vouching | undefined
  readonly destination: { readonly isOnThisComputer: boolean; readonly place: string } | undefined
  readonly service: string
  readonly devices: readonly DeviceView[]
}

interface EndedView {
  readonly clientName: string
  /** Undefined if it is not known, as the next. */
  readonly service: string | undefined
  /** When it was approved, in seconds since 1970. */
  readonly createdAt: number | undefined
  readonly endedAt: number
  readonly cause: string
}

export interface AppsView {
  readonly csrfToken: string
  readonly email: string
  readonly apps: readonly AppView[]
  readonly ended: readonly EndedView[]
  /** A session that is not used for this long ends. */
  readonly idleSeconds: number
  readonly notice: OutcomeNotice | undefined
}

const DAY_SECONDS = 86_400

export function appsPage(view: AppsView): string {
  const { apps, ended, notice, email } = view
  return layout(
    en.apps.title,
    html`
      ${notice === undefined ? html`` : outcomeNotice(notice)}
      <p>${en.signedInAs(isolated(email))}</p>
      ${apps.length === 0 ? nothing(ended.length > 0) : appsForm(view)}
      ${ended.length === 0 ? html`` : endedList(ended)}
      <p class="secondary">${en.apps.idle(en.consent.days(Math.ceil(view.idleSeconds / DAY_SECONDS)))}</p>
      ${anotherAccountForm(view.csrfToken)}
    `,
    {
      width: 'wide',
      links: [
        { href: HOME_PAGE, text: en.links.connect },
        { href: SIGN_OUT_PAGE, text: en.links.signOut },
      ],
    },
  )
}

function appsForm({ apps, csrfToken }: AppsView): SafeHtml {
  const connections = apps.flatMap((app) =>
    app.devices.flatMap(({ sessions }) => sessions.map((session) => ({ app, session }))),
  )
  const contested = connections.filter(({ session }) => session.contestedAt !== undefined)
  const canUse = apps.some(({ isBlocked }) => isBlocked) ? en.apps.canUseUnlessBlocked : en.apps.canUse
  return html`<p>${canUse}</p>
    <form method="post" action="${APPS_PAGE}">
      <input type="hidden" name="csrf_token" value="${csrfToken}" />
      ${contested.map(({ app, session }) => warning(app, session))} ${apps.map(appCard)}
      ${connections.length > 1 ? endAll(connections.length) : html``}
    </form>`
}

function warning({ name }: AppView, { tag, contestedAt = 0 }: SessionView): SafeHtml {
  return html`<div class="notice warning" role="alert">
    <p>${en.apps.contested(applicationName(name), moment(contestedAt))}</p>
    <button class="primary" name="revoke" value="${tag}">${en.apps.endContested}</button>
  </div>`
}

function nothing(hadSome: boolean): SafeHtml {
  return html`<div class="card">
    <p>${hadSome ? en.apps.nothingNow : en.apps.nothing}</p>
    <p>${link({ href: HOME_PAGE, text: en.links.connect })}</p>
  </div>`
}

/** Takes two presses, so that no user ends everything by mistake. */
function endAll(count: number): SafeHtml {
  return html`<details class="screen-only">
    <summary>${en.apps.endAll}…</summary>
    <p>${en.apps.endsAll(count)}</p>
    <button class="primary" name="revoke_all" value="yes">${en.apps.endAll}</button>
  </details>`
}

function appCard({ name, isBlocked, vouching, destination, service, devices }: AppView): SafeHtml {
  return html`<section class="card">
    <h2>${applicationName(name)} ${vouching === undefined ? html`` : badge(vouching)}</h2>
    ${isBlocked ? html`<p><span class="badge doubtful">${en.apps.blocked}</span> ${en.apps.whileBlocked}</p>` : html``}
    <dl>
      ${
        destination === undefined
          ? html``
          : html`<dt>${en.apps.place}</dt>
              <dd>${placeText(destination)}</dd>`
      }
      <dt>${en.apps.service}</dt>
      <dd>${service}</dd>
    </dl>
    ${devices.map((device) => deviceSection(nameOf(name), device))}
  </section>`
}

function placeText({ isOnThisComputer, place }: NonNullable<AppView['destination']>): SafeHtml {
  return isOnThisComputer ? en.apps.onYourComputer(isolated(place)) : isolated(place)
}

function deviceSection(name: string, { device, network, sessions }: DeviceView): SafeHtml {
  const known = [device, network].filter((part) => part !== '')
  const heading =
    known.length === 0 ? html`${en.apps.unknownDevice}` : en.apps.approvedFrom(en.list(known.map(isolated)))
  return html`<h3>${heading}</h3>
    <ul class="plain">
      ${sessions.map((session) => connection(name, session))}
    </ul>`
}

function endedList(ended: readonly EndedView[]): SafeHtml {
  return html`<section class="card">
    <h2>${en.apps.ended}</h2>
    <ul>
      ${ended.map(endedOne)}
    </ul>
  </section>`
}

function endedOne({ clientName, service, createdAt, endedAt, cause }: EndedView): SafeHtml {
  const causes: Readonly<Record<string, string>> = en.apps.causes
  const why = Object.hasOwn(causes, cause) ? (causes[cause] ?? '') : en.apps.otherCause
  return html`<li>
    ${en.apps.endedOne(applicationName(clientName), moment(endedAt), why)}
    ${
      service === undefined || createdAt === undefined
        ? html``
        : html`<p class="secondary">${en.apps.endedAbout(isolated(service), moment(createdAt))}</p>`
    }
  </li>`
}
