import { html } from '../../core/http/html.ts'
import type { Service } from '../../core/services/service.ts'
import { APPS_PAGE, HOME_PAGE } from '../http/paths.ts'
import { cardPage, link } from './layout.ts'
import { en } from './texts/en.ts'

export function homePage(services: readonly Service[]): string {
  const links = services.map(({ title, paths: [path] }) => link({ href: path, text: title }))
  return cardPage(
    en.product,
    html`
      <p>${en.home.about}</p>
      <p>${link({ href: APPS_PAGE, text: en.home.seeApps })}</p>
      <h2>${en.home.connect}</h2>
      <ul>
        ${links.map((one) => html`<li>${one}</li>`)}
      </ul>
    `,
  )
}

export function notFoundPage(): string {
  return cardPage(
    en.notFound.title,
    html`
      <p>${en.notFound.text}</p>
      <ul>
        <li>${link({ href: HOME_PAGE, text: en.links.home })}</li>
        <li>${link({ href: APPS_PAGE, text: en.links.apps })}</li>
      </ul>
    `,
  )
}
