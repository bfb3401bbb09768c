import type { BrowserContext, Page } from 'playwright-core'
import type { DemoPerson } from '../../../deploy/demo/people.ts'
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

/** The client asks, the person signs in and continues: what comes back to the client. */
export async function approveAs(
  user: UserOf<unknown>,
  person: DemoPerson,
  access?: AccessChoice,
): Promise<URLSearchParams> {
  const page = await openConsentPage(await user.begin(), person)
  await allow(page, access)
  const answer = await user.callback.next()
  await page.context().close()
  return answer
}

/** What the consent page calls it. */
export type AccessChoice = 'Read only' | 'Read and change'

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
