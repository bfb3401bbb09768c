import type { Access } from '../../core/sessions/session.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { isolated } from './names.ts'
import { en } from './texts/en/en.ts'
import { moment, momentText } from './times.ts'

/** One session; times are seconds since 1970. */
export interface SessionView {
  readonly tag: string
  readonly access: Access
  /** The application can connect again with full access. */
  readonly offersFull: boolean
  readonly createdAt: number
  readonly expiresAt: number
  /** The organisation's identity provider approved it, not the user. */
  readonly isManaged: boolean
  /** Undefined if no use was reported yet. */
  readonly usedAt: number | undefined
  /** Names of tools used lately, the last one first. */
  readonly tools: readonly string[]
  /** When two clients were seen to use its tokens. */
  readonly contestedAt: number | undefined
}

/** One connection in the list of connected applications, with its buttons. */
export function connection(name: string, session: SessionView): SafeHtml {
  const { tag, access, offersFull, createdAt, usedAt, tools, expiresAt, isManaged } = session
  return html`<li>
    <dl>
      <dt>${en.apps.access}</dt>
      <dd>${en.consent.access[access]}</dd>
      <dt>${en.apps.approved}</dt>
      <dd>${moment(createdAt)}</dd>
      <dt>${en.apps.lastUsed}</dt>
      <dd>${usedAt === undefined ? html`${en.apps.notYet}` : moment(usedAt)}</dd>
      ${
        tools.length === 0
          ? html``
          : html`<dt>${en.apps.tools}</dt>
              <dd>${en.list(tools.map((tool) => html`<code>${isolated(tool)}</code>`))}</dd>`
      }
      <dt>${en.apps.expires}</dt>
      <dd>${moment(expiresAt)}</dd>
    </dl>
    ${access === 'read' && offersFull && !isManaged ? html`<p class="secondary">${en.apps.allowChanges}</p>` : html``}
    ${isManaged ? html`<p class="secondary">${en.apps.managed}</p>` : html``}
    <div class="row">
      ${button('revoke', en.apps.end)} ${access === 'full' ? button('narrow', en.apps.makeReadOnly) : html``}
    </div>
  </li>`

  /** The label starts with the button's text (WCAG 2.2, 2.5.3) and names the connection. */
  function button(action: string, text: string): SafeHtml {
    const label = `${text}: ${en.apps.connectionName(name, momentText(createdAt))}`
    return html`<button class="outlined" name="${action}" value="${tag}" aria-label="${label}">
      ${text}
    </button>`
  }
}
