import { html } from '../../core/http/html.ts'
import type { Service } from '../../core/services/service.ts'
import { APPS_PAGE, HOME_PAGE } from '../http/paths.ts'
import { layout, PRODUCT } from './layout.ts'

export function homePage(services: readonly Service[]): string {
  return layout(
    PRODUCT,
    html`
      <p>
        Applications such as Claude connect here to work in Quilt as you. You choose what each one can do, and
        can revoke its access at any time.
      </p>
      <p><a href="${APPS_PAGE}">See your connected applications</a></p>
      <h2>Connect an application</h2>
      <ul>
        ${services.map(({ title, paths: [path] }) => html`<li><a href="${path}">${title}</a></li>`)}
      </ul>
    `,
  )
}

export function notFoundPage(): string {
  return layout(
    'Page not found',
    html`
      <p>There is no page at this address. Check it for mistakes, or go on here:</p>
      <ul>
        <li><a href="${HOME_PAGE}">Quilt Connect</a></li>
        <li><a href="${APPS_PAGE}">Your connected applications</a></li>
      </ul>
    `,
  )
}
