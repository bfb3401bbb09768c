import { html } from '../../core/http/html.ts'
import { accessOf } from '../../core/sessions/session.ts'
import { en } from '../pages/texts/en/en.ts'
import { nameOf } from '../pages/names.ts'
import type { Notice } from './notice.ts'

const { notice: texts } = en

export function subjectOf({ reason, session }: Notice): string {
  return texts.subject[reason](unlinked(nameOf(session.clientName)))
}

/** @returns a notice without markup, for mail and webhooks */
export function plainText(notice: Notice): string {
  return [
    subjectOf(notice),
    '',
    ...facts(notice).map(([what, value]) => `${what}: ${value}`),
    '',
    texts.ifNot,
    notice.link,
    '',
    texts.linkWorks,
  ].join('\n')
}

/** The same in HTML: no image and nothing else that is loaded, so that opening a mail tells its sender nothing. */
export function htmlText(notice: Notice): string {
  return html`<!doctype html>
    <html lang="${en.language}">
      <body>
        <h1>${subjectOf(notice)}</h1>
        <ul>
          ${facts(notice).map(([what, value]) => html`<li>${what}: <bdi>${value}</bdi></li>`)}
        </ul>
        <p>${texts.ifNot}</p>
        <p><a href="${notice.link}">${texts.look}</a></p>
        <p>${texts.linkWorks}</p>
      </body>
    </html>`.toString()
}

/** What the mail and its page say of a session, for people. */
export function facts({ session, device, network, at }: Omit<Notice, 'reason' | 'link'>): [string, string][] {
  const time = new Intl.DateTimeFormat(en.dates, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  return [
    [texts.application, unlinked(nameOf(session.clientName))],
    [texts.access, en.consent.access[accessOf(session)]],
    [texts.time, `${time.format(at * 1000)} UTC`],
    ...(device === '' ? [] : [[texts.device, device] satisfies [string, string]]),
    ...(network === '' ? [] : [[texts.network, network] satisfies [string, string]]),
  ]
}

/** With word joiners, so that no reader of mail or Slack makes a link of what a client calls itself. */
function unlinked(name: string): string {
  return name.replace(/(?<=\S)[.:@/](?=\S)/gu, '\u2060$&\u2060')
}
