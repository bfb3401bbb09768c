import type { Access } from '../../core/sessions/session.ts'
import { APPS_PAGE, SIGN_OUT_PAGE } from '../http/paths.ts'
import { anotherAccountForm } from './another-account.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { layout } from './layout.ts'
import { applicationName, isolated } from './names.ts'

/** One connection of an application; times are seconds since 1970. */
export interface SessionView {
  /** Names it in the form. */
  readonly tag: string
  readonly access: Access
  readonly createdAt: number
  readonly expiresAt: number
  /** Undefined while its tokens were never renewed. */
  readonly renewedAt: number | undefined
  /** When two parties were seen to hold its tokens; undefined where they never were. */
  readonly contestedAt: number | undefined
}

/** An application, and each of its connections. */
export interface AppView {
  /** What it calls itself; may be empty. */
  readonly name: string
  /** Where its answers went; undefined where that was not kept. */
  readonly destination: string | undefined
  readonly service: string
  readonly sessions: readonly SessionView[]
}

export interface AppsView {
  readonly csrfToken: string
  readonly email: string
  readonly apps: readonly AppView[]
  /** An application that is not used for so long loses its access. */
  readonly idleSeconds: number
  /** What has just been done. */
  readonly news: SafeHtml | undefined
}

/** The page on which a person sees what they have connected, and ends it. */
export function appsPage(view: AppsView): string {
  return layout(
    'Connected applications',
    html`
      ${view.news === undefined ? html`` : html`<p class="notice" role="status">${view.news}</p>`}
      ${view.apps.length === 0 ? nothing(view) : appsForm(view)}
      <p class="secondary">
        Access that is not used for ${daysIn(view.idleSeconds)} ends by itself. An answer that is under way
        when you end it may still arrive.
      </p>
      ${anotherAccountForm(view.csrfToken)}
      <p><a href="${SIGN_OUT_PAGE}">Sign out</a></p>
    `,
  )
}

function nothing({ email }: AppsView): SafeHtml {
  return html`<p>No application may use Quilt as <strong>${isolated(email)}</strong>.</p>`
}

/** One form, so that each button is one press, and the page needs no script. */
function appsForm({ apps, csrfToken, email }: AppsView): SafeHtml {
  const count = apps.reduce((sum, { sessions }) => sum + sessions.length, 0)
  return html`<p>These may use Quilt as <strong>${isolated(email)}</strong>.</p>
    <form class="apps" method="post" action="${APPS_PAGE}">
      <input type="hidden" name="csrf_token" value="${csrfToken}" />
      ${apps.map(appSection)} ${count > 1 ? revokeAll(count) : html``}
    </form>`
}

/** Behind one more press: nobody ends everything by a slip. */
function revokeAll(count: number): SafeHtml {
  return html`<details>
    <summary>Revoke all…</summary>
    <p>Each of the ${count} connections above ends.</p>
    <button class="primary" name="revoke_all" value="yes">Revoke all</button>
  </details>`
}

function appSection({ name, destination, service, sessions }: AppView): SafeHtml {
  const shown = name === '' ? 'An application without a name' : name
  const where =
    destination === undefined
      ? html``
      : html`<dt>Handed to</dt>
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
  const renewed = session.renewedAt === undefined ? html`never yet` : time(session.renewedAt)
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
      <dt>Since</dt>
      <dd>${time(session.createdAt)}</dd>
      <dt>Last renewed</dt>
      <dd>${renewed}</dd>
      <dt>Ends by</dt>
      <dd>${time(session.expiresAt)}</dd>
    </dl>
    ${session.contestedAt === undefined ? html`` : contested(session.contestedAt)}
    <button name="revoke" value="${session.tag}" aria-label="${label('Revoke', name, session)}">
      Revoke
    </button>
    ${narrow}
  </li>`
}

function contested(at: number): SafeHtml {
  return html`<p class="notice warning">
    Another person may be using this connection: two networks used the same token (${time(at)}). Revoke it,
    then connect the application again.
  </p>`
}

/** Begins with what the button shows (WCAG 2.2, 2.5.3), and tells it from the others. */
function label(what: string, name: string, { createdAt }: SessionView): string {
  return `${what}: ${name}, connected ${text(createdAt)}`
}

function time(seconds: number): SafeHtml {
  return html`<time datetime="${new Date(seconds * 1000).toISOString()}">${text(seconds)}</time>`
}

const FORMAT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** In UTC, and says so: a page without a script does not know where its reader is. */
function text(seconds: number): string {
  return `${FORMAT.format(seconds * 1000)} UTC`
}

const DAY_SECONDS = 86_400

/** Whole days, rounded up: `1 day`, `14 days`. */
function daysIn(seconds: number): string {
  const days = Math.ceil(seconds / DAY_SECONDS)
  return `${days} ${days === 1 ? 'day' : 'days'}`
}
