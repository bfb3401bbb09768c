import type { Page } from 'playwright-core'
import { NO_AUDIT } from '../../../core/audit/audit-entry.ts'
import { ADA } from '../../../deploy/demo/people.ts'
import { createRegistry } from '../../../deploy/demo/registry/server.ts'
import { catalogPage, startWithCatalog } from '../../consent-ui/authorize/catalog/support.ts'
import { namedClient } from '../../consent-ui/consent/support.ts'
import type { OpenPage } from '../../consent-ui/pages/support/pages.ts'
import type { World } from '../../consent-ui/pages/support/world.ts'
import { OUR_CLIENT } from '../../consent-ui/support/organisation.ts'
import { SILENT, start } from '../../deploy/demo/support/start.ts'
import { signInAs } from '../../journeys/support/consent.ts'

/** Pages after a hand-off from the catalog. */
export const HAND_OFF_PAGES: Readonly<Record<string, OpenPage>> = {
  'consent-own-account': async (page) => {
    await page.setContent(`<a rel="noreferrer" href="${await newHandOff()}">go on</a>`)
    await page.getByText('go on').click()
    await page.getByLabel('This is my own account').waitFor()
    await page.locator('button.primary:enabled').waitFor()
  },
  'error-not-from-catalog': async (page) => await page.goto(await newHandOff()),
}

/** Pages of the demo's catalog. */
export const CATALOG_PAGES: Readonly<Record<string, OpenPage>> = {
  catalog: openCatalog,
  'catalog-failed': async (page, world) => {
    await openCatalog(page, world)
    await signInAs(page, ADA)
    await page.getByRole('heading', { name: 'Authorization Failed' }).waitFor()
  },
}

async function newHandOff(): Promise<string> {
  const connect = await startWithCatalog(NO_AUDIT)
  const { catalogToken, handOver } = catalogPage(connect, await connect.client())
  return await handOver(await catalogToken())
}

/** Of a Connect that expects no catalog. */
async function openCatalog(page: Page, { connect }: World): Promise<void> {
  const catalog = await start(() =>
    createRegistry({
      identityProvider: connect.organisation.identityProvider.origin,
      client: OUR_CLIENT,
      people: [ADA],
      connectOrigin: connect.origin,
      tokenSeconds: 3600,
      log: SILENT,
      now: connect.now,
    }),
  )
  const { search } = new URL(namedClient(connect).authorizationUrl())
  await page.goto(`${catalog.origin}/connect/authorize${search}`)
}
