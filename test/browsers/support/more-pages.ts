import type { Page } from 'playwright-core'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { ADMIN } from '../../consent-ui/admin/support.ts'
import { APPS, SIGN_OUT } from '../../consent-ui/apps/support.ts'
import { NAMED_SITE } from '../../consent-ui/consent/support.ts'
import { at, consent, openAdmin, type OpenPage } from '../../consent-ui/pages/support/pages.ts'
import type { World } from '../../consent-ui/pages/support/world.ts'
import { TestClient, tokensOf } from '../../consent-ui/support/client.ts'
import { tokensFor } from '../../consent-ui/support/person.ts'
import { startCallbackServer } from '../../journeys/support/callback-server.ts'
import { signInAs } from '../../journeys/support/consent.ts'

/** Pages that look like one of PAGES, with other words or longer ones. */
export const MORE_PAGES: Readonly<Record<string, OpenPage>> = {
  'consent-long-name': async (page, { connect }) => {
    const client = await connect.client('https://claude.ai/callback', `\u0421laude ${'x'.repeat(200)}`)
    await consent(page, client.authorizationUrl())
    await page.getByRole('alert').waitFor()
  },
  'code-fault': async (page, { codes }) => {
    await page.goto((await codes.client()).authorizationUrl())
    await page.getByLabel('One-time code').fill('no code')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('alert').waitFor()
  },
  'code-for-applications': (page, { codes }) => page.goto(codes.origin + APPS),
  'signed-out-here': async (page, world) => {
    await at(APPS)(page, world)
    await signInAs(page, ADA)
    await page.getByRole('link', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Signed out' }).waitFor()
  },
  'signed-out-everywhere': at(`${SIGN_OUT}?state=`),
  'administration-block': async (page, world) => {
    await openAdmin(page, world)
    await page
      .getByRole('link', { name: /^Block…/ })
      .first()
      .click()
    await page.getByRole('heading', { name: 'Block this application?' }).waitFor()
  },
  'administration-done': async (page, world) => {
    await tokensFor(world.connect, await world.connect.client(undefined, 'Ended by an administrator'))
    await openAdmin(page, world)
    await page.getByRole('link', { name: 'End… Ended by an administrator' }).first().click()
    await page.getByRole('button', { name: 'End connection' }).click()
    await page.getByRole('heading', { name: 'Done' }).waitFor()
  },
  'administration-refused': async (page, world) => {
    await at(ADMIN)(page, world)
    await signInAs(page, GRACE)
    await page.getByRole('heading', { name: 'For Quilt administrators' }).waitFor()
  },
  'notice-gone': at('/connect/notice?k=x'),
  'error-callback': async (page, { connect }) => {
    const client = new TestClient(connect.origin, { id: 'named-site', redirectUri: `${NAMED_SITE}/other` })
    await page.goto(client.authorizationUrl())
  },
  'error-document-host': async (page, { connect }) => {
    const id = `https://unknown.example.com/${'long-path/'.repeat(15)}client.json`
    await page.goto(new TestClient(connect.origin, { id, redirectUri: NAMED_SITE }).authorizationUrl())
  },
  'error-answered': async (page, { connect }) => {
    const callback = await startCallbackServer()
    const client = await connect.client(callback.redirectUri)
    await consent(page, client.authorizationUrl())
    const address = page.url()
    await page.getByRole('button', { name: 'Continue' }).click()
    tokensOf(await client.redeem((await callback.next()).get('code') ?? ''))
    await page.goto(address)
    await page.getByRole('heading', { name: 'You have already answered' }).waitFor()
  },
  'error-sign-in-refused': (page, world) => failAtProvider(page, world, 'access_denied'),
  'error-unavailable': (page, world) => failAtProvider(page, world, 'server_error'),
}

/** The identity provider sends the browser back with an error. */
async function failAtProvider(page: Page, { connect }: World, error: string): Promise<void> {
  const answer = await page.request.get(connect.origin + APPS, { maxRedirects: 0 })
  const signIn = new URL(answer.headers().location ?? '')
  const state = signIn.searchParams.get('state') ?? ''
  const query = new URLSearchParams({ error, state, iss: signIn.origin })
  await page.goto(`${connect.origin}/connect/callback?${query.toString()}`)
}
