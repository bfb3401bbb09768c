import { html } from '../../core/http/html.ts'
import type { Service } from '../../core/services/service.ts'
import { APPS_PAGE, CHECK_PAGE } from '../http/paths.ts'
import { cardPage, link } from './layout.ts'
import { setUps, type SetUpsView } from './set-ups.ts'
import { en } from './texts/en/en.ts'

interface HomeView extends Omit<SetUpsView, 'service'> {
  readonly services: readonly Service[]
}

/** What this host is, and how to connect to its main service. */
export function homePage({ services, ...view }: HomeView): string {
  const links = services.map(({ title, paths: [path] }) => link({ href: path, text: title }))
  const main = services.find((service) => service.isDefault && service.kind === 'mcp')
  return cardPage(
    en.product,
    html`
      <p>${en.home.about}</p>
      <p>${link({ href: APPS_PAGE, text: en.home.seeApps })}</p>
      ${
        main === undefined
          ? html``
          : html`<h2>${en.home.connectTo(main.title)}</h2>
              ${setUps({ ...view, service: main })}
              <p>${link({ href: CHECK_PAGE, text: en.check.title })}</p>`
      }
      <h2>${en.home.services}</h2>
      <ul>
        ${links.map((one) => html`<li>${one}</li>`)}
      </ul>
    `,
    { script: 'copyButtons' },
  )
}
