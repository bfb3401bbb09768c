import { html, type SafeHtml } from '../../core/http/html.ts'
import type { Service } from '../../core/services/service.ts'
import { APPS_PAGE, HOME_PAGE } from '../http/paths.ts'
import { cardPage, link } from './layout.ts'
import { en } from './texts/en/en.ts'

interface CheckView {
  readonly services: readonly Service[]
  readonly selected: Service | undefined
}

type StepName = keyof typeof en.check.each

const STEPS = Object.keys(en.check.each) as readonly StepName[]

/** The self-test. Its script fills in the results; all of its words are here. */
export function checkPage({ services, selected }: CheckView): string {
  const { check } = en
  return cardPage(
    check.title,
    html`
      <p>${check.about}</p>
      <noscript><p class="notice">${check.needsScript}</p></noscript>
      <form id="check" hidden>
        <div class="field">
          <label for="service">${check.service}</label>
          <select id="service">
            ${services.map((service) => option(service, service === selected))}
          </select>
        </div>
        <button class="primary" type="submit" data-again="${check.again}">${check.start}</button>
      </form>
      <ol
        id="steps"
        aria-label="${check.steps}"
        data-running="${check.running}"
        data-good="${check.good}"
        data-failed="${check.failed}"
        hidden
      >
        ${STEPS.map(step)}
      </ol>
      <p id="outcome" role="status" data-good="${check.allGood}" data-failed="${check.notGood}"></p>
      <p>${link({ href: APPS_PAGE, text: en.links.apps })}</p>
      <p>${link({ href: HOME_PAGE, text: en.links.connect })}</p>
    `,
    { script: 'connectionCheck' },
  )
}

function option({ title, paths: [path] }: Service, isSelected: boolean): SafeHtml {
  return html`<option value="${path}" ${isSelected ? html` selected` : html``}>${title}</option>`
}

function step(name: StepName): SafeHtml {
  const { title, help } = en.check.each[name]
  return html`<li data-step="${name}">
    <strong>${title}</strong> <span></span>
    <p class="notice" hidden>${help} <code></code></p>
  </li>`
}
