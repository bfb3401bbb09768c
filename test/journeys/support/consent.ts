import type { BrowserContext, Page } from 'playwright-core'
import type { DemoPerson } from '../../../deploy/demo/people.ts'
import { HttpBrowser } from '../../support/http-browser.ts'
import { browser } from './browser.ts'
import type { UserOf } from './mcp-user.ts'

/** Opens a URL in a browser of the person's own. */
export async function openPage(url: string): Promise<Page> {
  const page = await (await newContext()).newPage()
  await page.goto(url)
  return page
}

/** At the identity provider's page. */
export async function signInAs(page: Page, person: DemoPerson): Promise<void> {
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password').fill(person.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Opens the client's URL in a browser of the person's own, and signs in: what is left is the consent page. */
export async function openConsentPage(url: URL, person: DemoPerson): Promise<Page> {
  const page = await openPage(url.href)
  await signInAs(page, person)
  await page.getByRole('heading', { name: 'Authorize Application' }).waitFor()
  return page
}

/** What the consent page calls it. */
export type AccessChoice = 'Read only' | 'Read and change'

const ACCESS = { 'Read only': 'read', 'Read and change': 'full' } as const

/**
 * The client asks, the person signs in and continues: what comes back to the client. Over HTTP: Chromium takes ten
 * times as long.
 */
export async function approveAs(
  user: UserOf<unknown>,
  { email, password }: DemoPerson,
  access: AccessChoice = 'Read and change',
): Promise<URLSearchParams> {
  const browser = new HttpBrowser()
  const signIn = await browser.open((await user.begin()).href)
  const consent = await browser.press(signIn, 'Sign in', { email, password })
  await browser.press(consent, 'Continue', { access: ACCESS[access] })
  return await user.callback.next()
}

/** Answers the consent page: the application may read, and change things unless told otherwise. */
export async function allow(page: Page, access: AccessChoice = 'Read and change'): Promise<void> {
  await page.getByRole('radio', { name: access }).check()
  await page.getByRole('button', { name: 'Continue' }).click()
}

/** The whole way, up to a client that is connected. */
export async function connectAs<AnyClient>(
  user: UserOf<AnyClient>,
  person: DemoPerson,
  access?: AccessChoice,
): Promise<AnyClient> {
  return await user.finish(await approveAs(user, person, access))
}

async function newContext(): Promise<BrowserContext> {
  const context = await (await browser()).newContext()
  context.setDefaultTimeout(10_000)
  return context
}
