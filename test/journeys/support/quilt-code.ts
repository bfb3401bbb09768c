import type { Page } from 'playwright-core'
import type { DemoPerson } from '../../../deploy/demo/people.ts'
import { HttpBrowser, type Page as HttpPage } from '../../support/http-browser.ts'

/** Follows the page's link to the Registry in a new tab, signs in there, and comes back with the one-time code. */
export async function getQuiltCode(page: Page, person: DemoPerson): Promise<string> {
  const opened = page.waitForEvent('popup')
  await page.getByRole('link', { name: 'the Quilt sign-in page' }).click()
  const registry = await opened
  await registry.getByLabel('E-mail').fill(person.email)
  await registry.getByLabel('Password').fill(person.password)
  await registry.getByRole('button', { name: 'Sign in' }).click()
  const code = await registry.locator('#code').innerText()
  await registry.close()
  return code
}

/** Pastes the code, and returns the text of the next page. */
export async function pasteCode(page: Page, code: string): Promise<string> {
  await page.getByLabel('One-time code from Quilt').fill(code)
  const answered = page.waitForResponse((response) => response.request().method() === 'POST')
  await page.getByRole('button', { name: 'Continue' }).click()
  await answered
  await page.waitForLoadState()
  return await page.locator('body').innerText()
}

/** As getQuiltCode, over HTTP. */
export async function getQuiltCodeByHttp(
  { text }: HttpPage,
  { email, password }: DemoPerson,
): Promise<string> {
  const [, link = ''] = /<a\b[^>]*href="([^"]+)"[^>]*>\s*the Quilt sign-in page/.exec(text) ?? []
  const browser = new HttpBrowser()
  const shown = await browser.press(await browser.open(link), 'Sign in', { email, password })
  const [, code = ''] = /id="code"[^>]*>([^<]+)</.exec(shown.text) ?? []
  return code
}

export async function setActive(registryUrl: string, person: DemoPerson, active: boolean): Promise<void> {
  const response = await fetch(`${registryUrl}/demo/people/${person.quilt.name}/active`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ active }),
  })
  if (!response.ok) throw new Error(`status ${response.status}`)
}
