import { html, type SafeHtml } from '../../core/http/html.ts'
import type { Service } from '../../core/services/service.ts'
import type { Access } from '../../core/sessions/session.ts'
import { isolated } from './names.ts'
import { en } from './texts/en/en.ts'

export interface ShownTool {
  readonly name: string
  /** Of the service, cut to a length; empty without one. */
  readonly description: string
}

/** Lists the tools of an access by name and description, folded. `tools` is the service's own list, if it was asked. */
export function toolFold(
  service: Service,
  access: Access,
  tools: readonly ShownTool[] | undefined,
): SafeHtml {
  if (service.kind === 'http') return html``
  const { tools: reading, changes } = service.read
  // Without the service's list, the configured names.
  const all = tools ?? [...reading, ...changes].map((name) => ({ name, description: '' }))
  const listed = all.filter(({ name }) => reading.has(name) === (access === 'read'))
  if (listed.length === 0) return html``
  return html`<details>
    <summary>${en.consent.tools[access](listed.length)}</summary>
    <ul class="tools">
      ${listed.map(one)}
      ${access === 'full' && tools === undefined ? html`<li>${en.consent.tools.others}</li>` : html``}
    </ul>
  </details>`
}

function one({ name, description }: ShownTool): SafeHtml {
  return html`<li>
    <code>${name}</code> ${description === '' ? html`` : html`<span>${isolated(description)}</span>`}
  </li>`
}
