import type { Access } from '../../core/sessions/session.ts'
import { APPS_PAGE, SIGN_OUT_PAGE } from '../http/paths.ts'
import { anotherAccountForm } from './another-account.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { layout } from './layout.ts'
import { en } from './texts/en.ts'
import { applicationName, isolated, nameOf } from './names.ts'

/** One session; times are seconds since 1970. */
export interface SessionView {
  readonly tag: string
  readonly access: Access
  readonly createdAt: number
  readonly expiresAt: number
  readonly renewedAt: number | undefined
  /** The organisation's identity provider approved it, not the user. */
  readonly isManaged: boolean
  /** When two clients were seen to use its tokens. */
  readonly contestedAt: number | undefined
}

export interface AppView {
  readonly name: string
  /** Where authorization responses went; undefined for sessions that do not record it. */
  readonly destination: string | undefined
  readonly service: string
  readonly sessions: readonly SessionView[]
}

export interface AppsView {
  readonly csrfToken: string
  readonly email: string
  readonly apps: readonly AppView[]
  /** A session that is not used for this long ends. */
  readonly idleSeconds: number
  readonly notice: SafeHtml | undefined
}

export function appsPage(view: AppsView): string {
  return layout(
    'Connected applications',
    html`<div class="card">
      ${view.notice === undefined ? html`` : html`<p class="notice" role="status">${view.notice}</p>`}
      <p>You are signed in as <strong>${isolated(view.email)}</strong>.</p>
      ${view.apps.length === 0 ? html`<p>You haven't connected any applications yet.</p>` : appsForm(view)}
      <p class="secondary">
        An application that you don't use for ${daysIn(view.idleSeconds)} loses its access. A request that is
        running when you revoke access may still finish.
      </p>
      ${anotherAccountForm(view.csrfToken)}
    </div>`,
    { width: 'wide', links: [{ href: SIGN_OUT_PAGE, text: en.links.signOut }] },
  )
}

function appsForm({ apps, csrfToken }: AppsView): SafeHtml {
  const count = apps.reduce((sum, { sessions }) => sum + sessions.length, 0)
  return html`<p>These applications can use Quilt as you.</p>
    <form class="apps" method="post" action="${APPS_PAGE}">
      <input type="hidden" name="csrf_token" value="${csrfToken}" />
      ${apps.map(appSection)} ${count > 1 ? revokeAll(count) : html``}
    </form>`
}

/** Takes two presses, so that no user revokes everything by mistake. */
function revokeAll(count: number): SafeHtml {
  return html`<details>
    <summary>Revoke all…</summary>
    <p>This ends all ${count} connections above.</p>
    <button class="primary" name="revoke_all" value="yes">Revoke all</button>
  </details>`
}

function appSection({ name, destination, service, sessions }: AppView): SafeHtml {
  const shown = nameOf(name)
  const where =
    destination === undefined
      ? html``
      : html`<dt>Location</dt>
          <dd>${isolated(destination)}</dd>`
  return html`<section>
    <h2>${applicationName(name)}</h2>
    <dl>
      ${where}
      <dt>Service</dt>
      <dd>${service}</dd>
    </dl>
    <ul>
      ${sessions.map((session) => connection(shown, session))}
    </ul>
  </section>`
}

function connection(name: string, session: SessionView): SafeHtml {
  const renewed = session.renewedAt === undefined ? html`not yet` : time(session.renewedAt)
  const narrow =
    session.access === 'full'
      ? html`<button
          name="narrow"
          value="${session.tag}"
          aria-label="${label('Make read only', name, session)}"
        >
          Make read only
        </button>`
      : html``
  return html`<li>
    <dl>
      <dt>Access</dt>
      <dd>${session.access === 'full' ? 'Read and change' : 'Read only'}</dd>
      <dt>Connected</dt>
      <dd>${time(session.createdAt)}</dd>
      <dt>Last renewed</dt>
      <dd>${renewed}</dd>
      <dt>Expires</dt>
      <dd>${time(session.expiresAt)}</dd>
    </dl>
    ${session.isManaged ? managed() : html``}
    ${session.contestedAt === undefined ? html`` : contested(session.contestedAt)}
    <button name="revoke" value="${session.tag}" aria-label="${label('Revoke', name, session)}">
      Revoke
    </button>
    ${narrow}
  </li>`
}

function managed(): SafeHtml {
  return html`<p class="secondary">
    Your organization connected this application for you. After you revoke it, it can connect again. To end
    its access for good, ask your administrator.
  </p>`
}

function contested(at: number): SafeHtml {
  return html`<p class="notice warning">
    Another person may be using this connection: two networks used the same token (${time(at)}). Revoke it,
    then connect the application again.
  </p>`
}

/** Starts with the button's text (WCAG 2.2, 2.5.3) and names the connection. */
function label(action: string, name: string, { createdAt }: SessionView): string {
  return `${action}: ${name}, connected ${text(createdAt)}`
}

function time(seconds: number): SafeHtml {
  return html`<time datetime="${new Date(seconds * 1000).toISOString()}">${text(seconds)}</time>`
}

const FORMAT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** In UTC: a page without a script does not know the user's time zone. */
function text(seconds: number): string {
  return `${FORMAT.format(seconds * 1000)} UTC`
}

const DAY_SECONDS = 86_400

function daysIn(seconds: number): string {
  const days = Math.ceil(seconds / DAY_SECONDS)
  return `${days} ${days === 1 ? 'day' : 'days'}`
}
