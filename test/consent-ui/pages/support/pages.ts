import type { Page } from 'playwright-core'
import { noticeLink } from '../../../../consent-ui/notices/notice-link.ts'
import { ADA, GRACE } from '../../../../deploy/demo/people.ts'
import { signInAs } from '../../../journeys/support/consent.ts'
import { ADMIN } from '../../admin/support.ts'
import { APPS, SIGN_OUT } from '../../apps/support.ts'
import { NAMED_SITE, namedClient } from '../../consent/support.ts'
import type { World } from './world.ts'

/** Opens one page in a browser without cookies. */
export type OpenPage = (page: Page, world: World) => Promise<unknown>

/** Every page of consent-ui, by name. */
export const PAGES: Readonly<Record<string, OpenPage>> = {
  home: at('/'),
  'service-mcp': at('/mcp/platform/mcp'),
  'service-http': at('/files'),
  'connection-check': at('/connect/check'),
  'connection-check-failed': async (page, world) => {
    await at('/connect/check')(page, world)
    // Without Envoy the service does not ask for a sign-in.
    await page.getByRole('button', { name: 'Start the check' }).click()
    await page.getByText('The check stopped').waitFor()
  },
  'not-found': at('/no-such-page'),
  'error-unknown-client': at('/connect/authorize?client_id=x'),
  'error-expired': at('/connect/authorize/unknown'),
  consent: async (page, { connect }) => {
    await consent(page, namedClient(connect, 'named-site', NAMED_SITE).authorizationUrl())
  },
  'consent-this-computer': async (page, { connect }) => {
    await consent(page, (await connect.client()).authorizationUrl())
  },
  'consent-doubtful': async (page, { connect }) => {
    const client = await connect.client('https://claude.ai/cb', '\u0421laude')
    await consent(page, client.authorizationUrl())
    await page.locator('summary').first().click()
  },
  code: async (page, { codes }) => {
    await page.goto((await codes.client()).authorizationUrl())
  },
  'connected-applications': async (page, world) => {
    await at(APPS)(page, world)
    await signInAs(page, ADA)
    await page.getByRole('heading', { name: 'Recently ended' }).waitFor()
  },
  'connected-applications-none': async (page, world) => {
    await at(APPS)(page, world)
    await signInAs(page, GRACE)
    await page.getByText('You haven’t connected any applications yet.').waitFor()
  },
  'sign-out': async (page, world) => {
    await at(APPS)(page, world)
    await signInAs(page, ADA)
    await page.getByRole('link', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign out' }).waitFor()
  },
  'signed-out': at(SIGN_OUT),
  administration: openAdmin,
  'administration-question': async (page, world) => {
    await openAdmin(page, world)
    await page.getByRole('link', { name: 'End all of this user… ada' }).first().click()
    await page.getByRole('heading', { name: 'End every connection of this user?' }).waitFor()
  },
  notice: async (page, { connect, session }) => {
    const { sealingKeys, origin } = connect.config
    await page.goto(noticeLink(sealingKeys, { origin, now: connect.now() }, session))
    await page.getByRole('button', { name: 'End this connection' }).waitFor()
  },
}

export function at(path: string): OpenPage {
  return (page, { connect }) => page.goto(connect.origin + path)
}

export async function openAdmin(page: Page, world: World): Promise<void> {
  await at(ADMIN)(page, world)
  await signInAs(page, ADA)
  await page.getByRole('table').first().waitFor()
}

export async function consent(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await signInAs(page, ADA)
  await page.locator('button.primary:enabled').waitFor()
}
