import type { Person } from '../../core/sessions/session.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { ADMIN_ACTION_PAGE, ADMIN_PAGE } from '../http/paths.ts'
import { cardPage } from './layout.ts'
import { applicationName, blockedName, isolated } from './names.ts'
import { outcomeNotice } from './outcome-notice.ts'
import { en } from './texts/en/en.ts'
import { day } from './times.ts'

const MAX_SHOWN = 20
const TEXTS = en.admin

export interface ActionView {
  readonly kind: keyof typeof TEXTS.actions
  readonly target: string
  /** Of the client that it blocks or unblocks; undefined if it is not known. */
  readonly clientName: string | undefined
  /** The connections that it ends or concerns. */
  readonly sessions: readonly {
    readonly person: Person
    readonly clientName: string
    readonly createdAt: number
  }[]
}

interface EndedView {
  readonly count: number
  readonly isAcknowledged: boolean
  readonly isReplicated: boolean
}

/** Asks before an action. Its form does this one action only. */
export function adminQuestionPage(view: ActionView, csrfToken: string): string {
  const { question, button } = textsOf(view)
  const { kind, target, sessions } = view
  if (sessions.length === 0 && kind.startsWith('end_'))
    return cardPage(
      TEXTS.title,
      html`<p>${TEXTS.gone}</p>
        ${BACK}`,
    )
  return cardPage(
    question,
    html`
      <p>${explanation(view)}</p>
      ${list(view)}
      <form method="post" action="${ADMIN_ACTION_PAGE}">
        <input type="hidden" name="csrf_token" value="${csrfToken}" />
        <input type="hidden" name="do" value="${kind}" />
        <input type="hidden" name="of" value="${target}" />
        <div class="actions">
          <button class="primary">${button}</button>
          <a class="button" href="${ADMIN_PAGE}">${en.code.cancel}</a>
        </div>
      </form>
    `,
  )
}

export function adminDonePage(view: ActionView, ended: EndedView): string {
  const { kind } = view
  const said = {
    end_session: TEXTS.ended(ended.count),
    end_user: TEXTS.ended(ended.count),
    end_client: TEXTS.ended(ended.count),
    block_client: TEXTS.blockedNow(clientOf(view)),
    unblock_client: TEXTS.unblocked(clientOf(view)),
  }[kind]
  const gaps = [
    ...(ended.isAcknowledged ? [] : [TEXTS.unacknowledged]),
    ...(ended.isReplicated ? [] : [TEXTS.unreplicated]),
  ]
  const didNothing = kind.startsWith('end_') && ended.count === 0
  const isSuccess = gaps.length === 0 && !didNothing
  return cardPage(
    TEXTS.done,
    html`${outcomeNotice({ text: html`${said} ${gaps.join(' ')}`, isSuccess })} ${BACK}`,
  )
}

const BACK = html`<p><a href="${ADMIN_PAGE}">${TEXTS.back}</a></p>`

function textsOf({ kind }: ActionView) {
  return TEXTS.actions[kind]
}

function explanation(view: ActionView): SafeHtml {
  const { kind, target, sessions } = view
  const count = sessions.length
  switch (kind) {
    case 'end_session':
    case 'end_user':
    case 'end_client':
      return html`${TEXTS.willEnd(count)}`
    case 'block_client':
      return html`${TEXTS.willBlock(clientOf(view), count)} ${TEXTS.permanent(target)}`
    case 'unblock_client':
      return html`${TEXTS.willUnblock(clientOf(view))}`
  }
}

function clientOf({ clientName, target }: ActionView): string {
  return blockedName({ entry: target, clientName })
}

function list({ sessions }: ActionView): SafeHtml {
  if (sessions.length === 0) return html``
  const more = sessions.length - MAX_SHOWN
  return html`<ul>
    ${sessions
      .slice(0, MAX_SHOWN)
      .map(
        ({ person, clientName, createdAt }) =>
          html`<li>
            ${applicationName(clientName)}: ${isolated(person.email)}, ${TEXTS.approved} ${day(createdAt)}
          </li>`,
      )}
    ${more > 0 ? html`<li>${TEXTS.more(more)}</li>` : html``}
  </ul>`
}
