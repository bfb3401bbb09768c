import type { McpReadAccess, Service } from '../../core/services/service.ts'
import type { Access } from '../../core/sessions/session.ts'
import type { LifetimeChoice, Offer } from '../consent/offer.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { applicationName } from './names.ts'

const HOUR_SECONDS = 3600
const DAY_SECONDS = 86_400

const ACCESS_LABELS: Readonly<Record<Access, string>> = { read: 'Read only', full: 'Read and change' }

export function accessChoice(clientName: string, service: Service, { access, preset }: Offer): SafeHtml {
  const options = access.map((value) => ({
    value,
    label: ACCESS_LABELS[value],
    what: html`<p id="access-${value}-what">${whatItMeans(service, value)}</p>`,
  }))
  const legend = html`${applicationName(clientName)} will be able to:`
  return choice({ name: 'access', legend, options, preset: preset.access })
}

export function lifetimeChoice(
  { lifetimes, preset }: Offer,
  { endsWithQuiltSignIn }: { readonly endsWithQuiltSignIn: boolean },
): SafeHtml {
  const options = lifetimes.map((option) => ({ value: option.name, label: labelOf(option) }))
  return html`${choice({ name: 'lifetime', legend: html`For up to:`, options, preset: preset.lifetime })}
    <p class="secondary field">
      ${
        endsWithQuiltSignIn
          ? 'Access ends earlier when your Quilt sign-in ends, or when you or an administrator revokes it.'
          : 'Access ends earlier when you or an administrator revokes it.'
      }
    </p>`
}

interface Choice {
  readonly name: string
  readonly legend: SafeHtml
  readonly options: readonly { readonly value: string; readonly label: string; readonly what?: SafeHtml }[]
  readonly preset: string
}

function choice({ name, legend, options, preset }: Choice): SafeHtml {
  const isChoice = options.length > 1
  return html`<fieldset class="field">
    <legend>${legend}</legend>
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
        : html`<div class="choice"><strong>${label}</strong>${what ?? html``}</div>`
    })}
  </fieldset>`
}

function labelOf({ name, seconds }: LifetimeChoice): string {
  const [count, unit] =
    seconds < DAY_SECONDS
      ? [Math.ceil(seconds / HOUR_SECONDS), 'hour']
      : [Math.ceil(seconds / DAY_SECONDS), 'day']
  const duration = `${count} ${unit}${count === 1 ? '' : 's'}`
  return name === 'today' ? `Today (${duration})` : duration
}

function whatItMeans(service: Service, access: Access): SafeHtml {
  if (access === 'full') {
    return service.kind === 'mcp'
      ? html`See, create, change and delete everything that you can: packages, files, tables.`
      : html`Send any request that you can, including requests that change or delete data.`
  }
  return service.kind === 'mcp'
    ? html`Search, list and read what you can see, and change nothing. ${countedAsReading(service.read)}`
    : html`Read what you can see at ${listed(service.read.paths)}, and change nothing.`
}

/** The operator allows these as reading though they can do more, so the user must know before approving. */
function countedAsReading({ more, moreMethods }: McpReadAccess): SafeHtml {
  const tools = more.map(({ tool, what }) => ({ name: tool, what }))
  const methods = moreMethods.map(({ method, what }) => ({ name: method, what }))
  return html`${alsoReading('tools', tools)} ${alsoReading('requests', methods)}`
}

function alsoReading(
  kind: string,
  described: readonly { readonly name: string; readonly what: string }[],
): SafeHtml {
  if (described.length === 0) return html``
  return html`Your administrator counts these ${kind} as reading too:
  ${described.map(({ name, what }, index) => html`${index === 0 ? '' : '; '}<code>${name}</code>, which ${what}`)}.`
}

function listed(paths: readonly string[]): SafeHtml {
  return html`${paths.map((path, index) => html`${index === 0 ? '' : ', '}<code>${path}</code>`)}`
}
