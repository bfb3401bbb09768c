import type { NameDoubt } from '../consent/name-doubt.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { badge, vouching, type Vouching } from './badge.ts'
import { applicationName } from './names.ts'
import { en } from './texts/en/en.ts'

export interface ClientView extends Vouching {
  readonly name: string
  readonly doubt: NameDoubt | undefined
  /** When the user approved it before, in seconds since 1970. */
  readonly approvedAt: number | undefined
  /** How many other users approved it; undefined if that says nothing about this client. */
  readonly approvals: { readonly others: number; readonly isMore: boolean } | undefined
}

export function whoAsks(client: ClientView): SafeHtml {
  const { doubt } = client
  return html`<p>${en.consent.wants(applicationName(client.name))}</p>
    <p>${badge(client)} <span class="secondary">${vouching(client)}</span></p>
    ${doubt === undefined ? html`` : html`<p class="notice warning" role="alert">${doubtful(doubt)}</p>`}
    <p class="secondary">${en.consent.onYourBehalf} ${history(client)}</p>`
}

function history({ approvedAt, approvals }: ClientView): SafeHtml {
  const own = approvedAt === undefined ? html`` : en.consent.approvedBefore(date(approvedAt))
  const { others = 0, isMore = false } = approvals ?? {}
  const count = others.toLocaleString(en.dates)
  const colleagues = others === 0 ? '' : en.consent.colleagues(isMore ? `${count}+` : count, others === 1)
  return html`${own} ${colleagues}`
}

function date(seconds: number): SafeHtml {
  const day = new Date(seconds * 1000)
  const shown = day.toLocaleDateString(en.dates, { dateStyle: 'long', timeZone: 'UTC' })
  return html`<time datetime="${day.toISOString().slice(0, 10)}">${shown}</time>`
}

function doubtful(doubt: NameDoubt): string {
  return doubt.kind === 'mixed_scripts'
    ? en.consent.doubts.mixed_scripts
    : en.consent.doubts[doubt.kind](doubt.of)
}
