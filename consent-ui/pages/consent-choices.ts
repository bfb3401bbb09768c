import type { McpReadAccess, Service } from '../../core/services/service.ts'
import type { Access } from '../../core/sessions/session.ts'
import type { LifetimeChoice, Offer } from '../consent/offer.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { applicationName } from './names.ts'
import { en } from './texts/en/en.ts'
import { toolFold, type ShownTools } from './tool-fold.ts'

const MINUTE_SECONDS = 60
const HOUR_SECONDS = 3600
const DAY_SECONDS = 86_400

interface Offered {
  readonly service: Service
  readonly offer: Offer
  /** The service's own list; undefined if it could not be asked. */
  readonly tools: ShownTools | undefined
}

export function accessChoice(clientName: string, { service, offer, tools }: Offered): SafeHtml {
  const options = offer.access.map((value) => ({
    value,
    label: en.consent.access[value],
    what: html`<p id="access-${value}-what">${whatItMeans(service, value)}</p>
      ${toolFold(service, value, tools)}`,
  }))
  const legend = en.consent.ableTo(applicationName(clientName))
  return choice({ name: 'access', legend, options, preset: offer.preset.access })
}

export function lifetimeChoice(
  { lifetimes, preset }: Offer,
  view: { readonly endsWithQuiltSignIn: boolean; readonly idleSeconds: number },
): SafeHtml {
  const options = lifetimes.map((option) => ({ value: option.name, label: labelOf(option) }))
  return html`${choice({ name: 'lifetime', look: 'row', legend: html`${en.consent.lifetime}`, options, preset: preset.lifetime })}
    <p class="secondary">${endsEarlier(lifetimes, view)}</p>`
}

function endsEarlier(
  lifetimes: readonly LifetimeChoice[],
  {
    endsWithQuiltSignIn,
    idleSeconds,
  }: { readonly endsWithQuiltSignIn: boolean; readonly idleSeconds: number },
): string {
  const { ended, unused, signIn, unusedOrSignIn } = en.consent.endsEarlier
  if (lifetimes.every(({ seconds }) => seconds <= idleSeconds)) return endsWithQuiltSignIn ? signIn : ended
  return (endsWithQuiltSignIn ? unusedOrSignIn : unused)(durationOf(idleSeconds))
}

interface Choice {
  readonly name: string
  /** `row`: side by side where there is space. */
  readonly look?: 'row'
  readonly legend: SafeHtml
  readonly options: readonly { readonly value: string; readonly label: string; readonly what?: SafeHtml }[]
  readonly preset: string
}

function choice({ name, look, legend, options, preset }: Choice): SafeHtml {
  const isChoice = options.length > 1
  return html`<fieldset>
    <legend>${legend}</legend>
    <div class="${look ?? ''}">
      ${options.map(({ value, label, what }) => {
        const described = what === undefined ? html`` : html` aria-describedby="${name}-${value}-what"`
        const checked = value === preset ? html` checked` : html``
        return isChoice
          ? html`<div class="choice">
              <input
                type="radio"
                id="${name}-${value}"
                name="${name}"
                value="${value}"
                ${described}${checked}
              />
              <label for="${name}-${value}">${label}</label>
              ${what ?? html``}
            </div>`
          : html`<div class="choice">
              <input type="hidden" name="${name}" value="${value}" />
              <strong>${label}</strong>
              ${what ?? html``}
            </div>`
      })}
    </div>
  </fieldset>`
}

function labelOf({ name, seconds }: LifetimeChoice): string {
  const duration = durationOf(seconds)
  return name === 'today' && seconds >= HOUR_SECONDS ? en.consent.today(duration) : duration
}

function durationOf(seconds: number): string {
  if (seconds < HOUR_SECONDS) return en.consent.minutes(Math.ceil(seconds / MINUTE_SECONDS))
  return seconds < DAY_SECONDS
    ? en.consent.hours(Math.ceil(seconds / HOUR_SECONDS))
    : en.consent.days(Math.ceil(seconds / DAY_SECONDS))
}

function whatItMeans(service: Service, access: Access): SafeHtml {
  if (access === 'full') return html`${en.consent.meaning[service.kind].full}`
  return service.kind === 'mcp'
    ? html`${en.consent.meaning.mcp.read} ${countedAsReading(service.read)}`
    : en.consent.meaning.http.read(en.list(service.read.paths.map((path) => html`<code>${path}</code>`)))
}

/** The operator allows these as reading though they can do more, so the user must know before approving. */
function countedAsReading({ more, moreMethods }: McpReadAccess): SafeHtml {
  const tools = more.map(({ tool, what }) => ({ name: tool, what }))
  const methods = moreMethods.map(({ method, what }) => ({ name: method, what }))
  return html`${alsoReading('tools', tools)} ${alsoReading('requests', methods)}`
}

function alsoReading(
  kind: 'tools' | 'requests',
  described: readonly { readonly name: string; readonly what: string }[],
): SafeHtml {
  if (described.length === 0) return html``
  const listed = described.map(({ name, what }, index) => {
    const one = en.consent.alsoReading.which(html`<code>${name}</code>`, what)
    return html`${index === 0 ? '' : '; '}${one}`
  })
  return en.consent.alsoReading[kind](html`${listed}`)
}
