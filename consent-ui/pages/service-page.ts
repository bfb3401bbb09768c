import { KNOWN_APPLICATIONS, type McpServer } from '../../core/clients/known-applications.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import type { Service } from '../../core/services/service.ts'
import { APPS_PAGE } from '../http/paths.ts'
import { layout } from './layout.ts'

export function servicePage({
  origin,
  service,
}: {
  readonly origin: string
  readonly service: Service
}): string {
  const [path] = service.paths
  const server = { origin, path, url: `${origin}${path}` }
  return layout(
    service.title,
    html`
      <p>
        Applications connect here to work in Quilt as you. When you connect one, you sign in and choose what
        it can do.
      </p>
      <dl>
        <dt>Address</dt>
        <dd><code>${server.url}</code></dd>
      </dl>
      ${
        service.kind === 'mcp'
          ? html`<h2>Connect an application</h2>
              ${setUps(server)}`
          : html`<p>Applications connect with OAuth, and find everything they need at this address.</p>`
      }
      <p><a href="${APPS_PAGE}">See your connected applications</a></p>
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
