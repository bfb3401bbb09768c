import type { Access, Person } from '../../core/sessions/session.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { ADMIN_PAGE, APPS_PAGE, SIGN_OUT_PAGE } from '../http/paths.ts'
import { layout } from './layout.ts'
import { applicationName, blockedName, isolated, nameOf } from './names.ts'
import { en } from './texts/en/en.ts'
import { day, moment } from './times.ts'

/** One session of the organisation, with the pages that ask before each action. Times are seconds since 1970. */
export interface ConnectionView {
  readonly person: Person
  readonly clientName: string
  readonly fingerprint: string
  readonly isBlocked: boolean
  readonly service: string
  readonly access: Access
  readonly createdAt: number
  readonly usedAt: number | undefined
  readonly expiresAt: number
  readonly urls: {
    readonly end: string
    readonly endUser: string
    readonly endClient: string
    readonly block: string
  }
}

export interface BlockView {
  readonly entry: string
  /** Undefined if it is not known. */
  readonly clientName: string | undefined
  readonly by: string
  readonly at: number
  readonly unblockUrl: string
}

export interface AdminView {
  readonly email: string
  /** When the administrator has to sign in again. */
  readonly endsAt: number
  readonly filter: { readonly user: string; readonly client: string; readonly resource: string }
  readonly services: readonly { readonly resource: string; readonly title: string }[]
  readonly connections: readonly ConnectionView[]
  readonly isFirst: boolean
  readonly nextUrl: string | undefined
  readonly blocks: readonly BlockView[]
}

const TEXTS = en.admin

export function adminPage(view: AdminView): string {
  return layout(
    TEXTS.title,
    html`<div class="card">
        <p>${en.signedInAs(isolated(view.email))} ${TEXTS.until(moment(view.endsAt))}</p>
        ${filterForm(view)}
      </div>
      <div class="card">${list(view)} ${pager(view)}</div>
      ${view.blocks.length === 0 ? html`` : blocks(view.blocks)}`,
    {
      width: 'wide',
      links: [
        { href: APPS_PAGE, text: en.links.apps },
        { href: SIGN_OUT_PAGE, text: en.links.signOut },
      ],
    },
  )
}

function filterForm({ filter, services }: AdminView): SafeHtml {
  const options = [{ resource: '', title: TEXTS.everyService }, ...services]
  return html`<form class="filter" method="get" action="${ADMIN_PAGE}">
    <div>
      <label for="user">${TEXTS.user}</label>
      <input id="user" name="user" type="search" value="${filter.user}" />
    </div>
    <div>
      <label for="client">${TEXTS.application}</label>
      <input id="client" name="client" type="search" value="${filter.client}" />
    </div>
    <div>
      <label for="service">${TEXTS.service}</label>
      <select id="service" name="service">
        ${options.map(
          ({ resource, title }) =>
            html`<option value="${resource}" ${resource === filter.resource ? 'selected' : ''}>
              ${title}
            </option>`,
        )}
      </select>
    </div>
    <button class="primary">${TEXTS.show}</button>
  </form>`
}

function list(view: AdminView): SafeHtml {
  const { connections } = view
  if (connections.length === 0) return html`<p>${whyEmpty(view)}</p>`
  return html`<div class="scroll" role="region" aria-label="${TEXTS.table}" tabindex="0">
    <table class="connections">
      <thead>
        <tr>
          ${TEXTS.columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${connections.map(row)}
      </tbody>
    </table>
  </div>`
}

function whyEmpty({ filter, isFirst, nextUrl }: AdminView): string {
  if (nextUrl !== undefined) return TEXTS.noneYet
  const isFiltered = Object.values(filter).some((text) => text !== '')
  return isFiltered || !isFirst ? TEXTS.noneMatch : TEXTS.none
}

function row(view: ConnectionView): SafeHtml {
  const { person, clientName, fingerprint, isBlocked, service, access, urls } = view
  const [name, client] = [person.name, nameOf(clientName)]
  return html`<tr>
    <th scope="row">
      ${isolated(person.email)}<br />${isolated(name)}<br />
      ${action(urls.endUser, TEXTS.endUser, TEXTS.endUserOf(name))}
    </th>
    <td>
      ${applicationName(clientName)}<br /><code>${fingerprint}</code><br />
      ${action(urls.endClient, TEXTS.endClient, TEXTS.endClientOf(client))}
      ${isBlocked ? html`<span class="badge doubtful">${TEXTS.isBlocked}</span>` : action(urls.block, TEXTS.block, TEXTS.blockOf(client))}
    </td>
    <td>${service}</td>
    <td>${access === 'full' ? TEXTS.full : TEXTS.readOnly}</td>
    <td>${day(view.createdAt)}</td>
    <td>${view.usedAt === undefined ? TEXTS.notYet : moment(view.usedAt)}</td>
    <td>${day(view.expiresAt)}</td>
    <td>${action(urls.end, TEXTS.end, TEXTS.endOf(client, name))}</td>
  </tr>`
}

/** The visible text comes first in the name that a screen reader says (WCAG 2.2, 2.5.3). */
function action(url: string, text: string, label: string): SafeHtml {
  return html`<a class="action" href="${url}" aria-label="${label}">${text}</a>`
}

function pager({ isFirst, nextUrl }: AdminView): SafeHtml {
  const first = isFirst ? html`` : html`<a href="${ADMIN_PAGE}">${TEXTS.newest}</a>`
  const next = nextUrl === undefined ? html`` : html`<a href="${nextUrl}">${TEXTS.older}</a>`
  return isFirst && nextUrl === undefined ? html`` : html`<p class="row">${first} ${next}</p>`
}

function blocks(entries: readonly BlockView[]): SafeHtml {
  return html`<div class="card">
    <h2>${TEXTS.blocked}</h2>
    <p class="secondary">${TEXTS.blockedHere}</p>
    <ul>
      ${entries.map(
        ({ entry, clientName, by, at, unblockUrl }) =>
          html`<li>
            ${clientName === undefined ? html`` : applicationName(clientName)} <code>${entry}</code>,
            ${TEXTS.blockedBy(isolated(by), moment(at))}
            ${action(unblockUrl, TEXTS.unblock, TEXTS.unblockOf(blockedName({ entry, clientName })))}
          </li>`,
      )}
    </ul>
  </div>`
}
