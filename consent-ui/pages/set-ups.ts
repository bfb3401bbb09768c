import { KNOWN_APPLICATIONS, type KnownApplication } from '../../core/clients/known-applications.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import type { Service } from '../../core/services/service.ts'
import { en } from './texts/en/en.ts'

export interface SetUpsView {
  readonly origin: string
  readonly service: Service
  /** The browser's `User-Agent`: some applications bring their own browser. */
  readonly userAgent: string
}

type SetUpApplication = KnownApplication & Required<Pick<KnownApplication, 'setUp'>>

/** How to connect each known application to an MCP server. The most likely one is open. */
export function setUps({ origin, service, userAgent }: SetUpsView): SafeHtml {
  const [path] = service.paths
  const server = { origin, path, url: `${origin}${path}` }
  const applications = KNOWN_APPLICATIONS.filter((one): one is SetUpApplication => one.setUp !== undefined)
  const likely = applications.find((one) => one.userAgent?.test(userAgent) === true) ?? applications[0]
  return html`${applications.map((application) => {
      const { name, setUp, addLink } = application
      const { steps, type } = setUp(server)
      return html`<details${application === likely ? html` open` : html``}>
      <summary>${name}</summary>
      ${addLink === undefined ? html`` : oneClick(name, addLink(server.url))}
      <ol>
        ${steps.map((step) => html`<li>${step}</li>`)}
      </ol>
      ${type.map(copied)}
    </details>`
    })}
    <p class="secondary">${en.home.notListed}</p>
    ${copied(server.url)}`
}

function oneClick(name: string, href: string): SafeHtml {
  return html`<p><a class="button outlined" href="${href}">${en.home.add(name)}</a></p>
    <p>${en.home.orByHand}</p>`
}

/** Text that the user pastes elsewhere. The script of the page adds a button to it. */
export function copied(text: string): SafeHtml {
  return html`<pre data-copy="${en.home.copy}" data-copied="${en.home.copied}"><code>${text}</code></pre>`
}
