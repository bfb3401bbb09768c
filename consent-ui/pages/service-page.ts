import { KNOWN_APPLICATIONS, type McpServer } from '../../core/clients/known-applications.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import type { Service } from '../../core/services/service.ts'
import { APPS_PAGE } from '../http/paths.ts'
import { cardPage, link } from './layout.ts'
import { en } from './texts/en.ts'

export function servicePage({
  origin,
  service,
}: {
  readonly origin: string
  readonly service: Service
}): string {
  const [path] = service.paths
  const server = { origin, path, url: `${origin}${path}` }
  return cardPage(
    service.title,
    html`
      <p>${en.service.about}</p>
      <dl>
        <dt>${en.service.address}</dt>
        <dd><code>${server.url}</code></dd>
      </dl>
      ${
        service.kind === 'mcp'
          ? html`<h2>${en.home.connect}</h2>
              ${setUps(server)}`
          : html`<p>${en.service.oauth}</p>`
      }
      <p>${link({ href: APPS_PAGE, text: en.home.seeApps })}</p>
    `,
  )
}

function setUps(server: McpServer): readonly SafeHtml[] {
  return KNOWN_APPLICATIONS.flatMap(({ name, setUp }) => {
    if (setUp === undefined) return []
    const { steps, type } = setUp(server)
    return html`<details>
      <summary>${name}</summary>
      <ol>
        ${steps.map((step) => html`<li>${step}</li>`)}
      </ol>
      ${type.map((line) => html`<pre><code>${line}</code></pre>`)}
    </details>`
  })
}
