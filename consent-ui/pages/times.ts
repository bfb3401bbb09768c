import { html, type SafeHtml } from '../../core/http/html.ts'
import { en } from './texts/en/en.ts'

const MOMENT = new Intl.DateTimeFormat(en.dates, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
const DAY = new Intl.DateTimeFormat(en.dates, { dateStyle: 'medium', timeZone: 'UTC' })

/** Day and time, from seconds since 1970. In UTC: a page without a script does not know the user's time zone. */
export function moment(seconds: number): SafeHtml {
  return html`<time datetime="${iso(seconds)}">${momentText(seconds)}</time>`
}

/** The same for an attribute. */
export function momentText(seconds: number): string {
  return `${MOMENT.format(seconds * 1000)} UTC`
}

export function day(seconds: number): SafeHtml {
  return html`<time datetime="${iso(seconds)}">${DAY.format(seconds * 1000)}</time>`
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}
