import { html, type SafeHtml } from '../../core/http/html.ts'
import type { Service } from '../../core/services/service.ts'
import type { OfferedApplication } from '../clients/offered-applications.ts'
import { en } from './texts/en/en.ts'
import { typed } from './typed.ts'

export interface SetUpsView {
  readonly origin: string
  readonly service: Service
  /** The browser's `User-Agent`: some applications bring their own browser. */
  readonly userAgent: string
  readonly applications: readonly OfferedApplication[]
}

/** How to connect each application to an MCP server. The most likely one is open. */
export function setUps({ origin, service, userAgent, applications }: SetUpsView): SafeHtml {
  const [path] = service.paths
  const server = { origin, path, url: `${origin}${path}` }
  const likely = applications.find((one) => one.userAgent?.test(userAgent) === true) ?? applications[0]
  return html`${applications.map((application) => {
      const { name, setUp, addLink } = application
      return html`<details${application === likely ? html` open` : html``}>
      <summary>${name}</summary>
      ${addLink === undefined ? html`` : oneClick(name, addLink(server.url))}
      ${stepList(en.applications.setUp[name] ?? [])}
      ${setUp(server).map(copied)}
      ${(en.applications.afterwards[name] ?? []).map((text) => html`<p>${typed(text)}</p>`)}
    </details>`
    })}
    <p class="secondary">${applications.length === 0 ? en.home.noneListed : en.home.notListed}</p>
    ${copied(server.url)}`
}

/** A single step has no number. */
function stepList(steps: readonly string[]): SafeHtml {
  if (steps.length === 1) return html`${steps.map((step) => html`<p>${typed(step)}</p>`)}`
  return html`<ol>
    ${steps.map((step) => html`<li>${typed(step)}</li>`)}
  </ol>`
}

function oneClick(name: string, href: string): SafeHtml {
  return html`<div class="screen-only">
    <p><a class="button outlined" href="${href}">${en.home.add(name)}</a></p>
    <p>${en.home.orByHand}</p>
  </div>`
}

/** Text that the user pastes elsewhere. The script of the page adds a button to it. */
export function copied(text: string): SafeHtml {
  return html`<pre data-copy="${en.home.copy}" data-copied="${en.home.copied}"><code>${text}</code></pre>`
}
