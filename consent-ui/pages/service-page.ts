import { html } from '../../core/http/html.ts'
import { APPS_PAGE, CHECK_PAGE, HOME_PAGE } from '../http/paths.ts'
import { cardPage, link } from './layout.ts'
import { copied, setUps, type SetUpsView } from './set-ups.ts'
import { en } from './texts/en/en.ts'

export function servicePage(view: SetUpsView): string {
  const { origin, service } = view
  return cardPage(
    service.title,
    html`
      ${
        service.kind === 'mcp'
          ? html`<p>${en.service.about}</p>
              <p>${link({ href: APPS_PAGE, text: en.home.seeApps })}</p>
              <h2>${en.home.connect}</h2>
              ${setUps(view)}
              <p>${link({ href: `${CHECK_PAGE}?service=${service.name}`, text: en.check.title })}</p>`
          : html`<p>${en.service.forPrograms}</p>
              <p>${en.service.notForAssistants(link({ href: HOME_PAGE, text: en.links.connect }))}</p>
              <p>${link({ href: APPS_PAGE, text: en.home.seeApps })}</p>
              <h2>${en.service.forDevelopers}</h2>
              <p>${en.service.oauth}</p>
              ${copied(`${origin}${service.paths[0]}`)}`
      }
    `,
    { script: 'copyButtons' },
  )
}
