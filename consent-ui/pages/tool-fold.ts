import { html, type SafeHtml } from '../../core/http/html.ts'
import type { Service } from '../../core/services/service.ts'
import type { Access } from '../../core/sessions/session.ts'
import { isolated } from './names.ts'
import { en } from './texts/en/en.ts'

/** Tools of a service, by its own list. */
export interface ShownTools {
  readonly tools: readonly ShownTool[]
  /** False if the service has further tools. */
  readonly isComplete: boolean
}

interface ShownTool {
  readonly name: string
  /** Cut to a length; empty without one. */
  readonly description: string
}

/** Lists the tools of an access by name and description, folded. `list` is the service's own, if it was asked. */
export function toolFold(service: Service, access: Access, list: ShownTools | undefined): SafeHtml {
  if (service.kind === 'http') return html``
  const { tools: reading, changes } = service.read
  // Without the service's list, the configured names.
  const configured = [...reading, ...changes].map((name) => ({ name, description: '' }))
  const { tools, isComplete } = list ?? { tools: configured, isComplete: false }
  const listed = tools.filter(({ name }) => reading.has(name) === (access === 'read'))
  if (listed.length === 0) return html``
  return html`<details>
    <summary>${en.consent.tools[access](listed.length)}</summary>
    <ul class="tools">
      ${listed.map(one)}
      ${access === 'full' && !isComplete ? html`<li>${en.consent.tools.others}</li>` : html``}
    </ul>
  </details>`
}

function one({ name, description }: ShownTool): SafeHtml {
  return html`<li>
    <code>${isolated(name)}</code>
    ${description === '' ? html`` : html`<span>${isolated(description)}</span>`}
  </li>`
}
