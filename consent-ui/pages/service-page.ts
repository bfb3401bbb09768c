import type { Service } from '../../core/services/service.ts'
import { APPS_PAGE } from '../http/paths.ts'
import { clientSetups, type Setup } from './client-setups.ts'
import { html, type SafeHtml } from '../../core/http/html.ts'
import { layout } from './layout.ts'

/** The page at a service's own URL: what it is, and how each application is connected to it. */
export function servicePage({
  origin,
  service,
}: {
  readonly origin: string
  readonly service: Service
}): string {
  const url = `${origin}${service.paths[0]}`
  return layout(
    service.title,
    html`
      <p>
        This address is for applications: with it they can work in Quilt as you. You sign in, see who asks,
        and say what they may do.
      </p>
      <dl>
        <dt>Address</dt>
        <dd><code>${url}</code></dd>
      </dl>
      ${
        service.kind === 'mcp'
          ? html`<h2>Connect an application</h2>
              ${clientSetups(origin, service.paths[0]).map(setup)}`
          : html`<p>An application connects with OAuth: it finds what it needs at this address.</p>`
      }
      <p><a href="${APPS_PAGE}">See the applications that you have connected</a></p>
    `,
  )
}

function setup({ name, steps, type }: Setup): SafeHtml {
  return html`<details>
    <summary>${name}</summary>
    <ol>
      ${steps.map((step) => html`<li>${step}</li>`)}
    </ol>
    ${type.map((line) => html`<pre><code>${line}</code></pre>`)}
  </details>`
}
