import assert from 'node:assert/strict'
import { randomSecret } from '../../../core/keys/hash.ts'
import { SessionIndex } from '../../../core/sessions/session-index.ts'
import { ADA, type DemoPerson } from '../../../deploy/demo/people.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { readForm } from '../../support/html-form.ts'
import type { Connect } from '../support/connect.ts'
import { signIn } from '../support/person.ts'

export const ADMIN = '/connect/admin'
export const ACTION = '/connect/admin/action'

/** An administrator's browser on the administrators' page. */
export interface AtAdmin {
  readonly browser: HttpBrowser
  readonly page: Page
}

export async function openAdmin(connect: Connect, person: DemoPerson = ADA): Promise<AtAdmin> {
  const browser = connect.browser()
  const page = await signIn(browser, await browser.open(connect.origin + ADMIN), person)
  return { browser, page }
}

/** The URL of the link with this accessible name. */
export function linkOf({ page }: AtAdmin, name: string): string {
  const links = [...page.text.matchAll(/<a class="action" href="([^"]*)" aria-label="([^"]*)"/g)]
  const found = links.find(([, , label = '']) => plain(label) === name)
  assert.ok(found?.[1] !== undefined, `no link ${name}: ${links.map(([, , label]) => label).join(', ')}`)
  return new URL(plain(found[1]), page.url).href
}

/** Follows the link to the question. */
export async function ask(at: AtAdmin, link: string): Promise<AtAdmin> {
  return { ...at, page: await at.browser.open(linkOf(at, link), at.page.url) }
}

/** Sends the form of the question, changed by a test. */
export async function confirm(
  { browser, page }: AtAdmin,
  changes: Readonly<Record<string, string>> = {},
  origin?: string,
): Promise<Page> {
  const form = readForm(page.text, page.url)
  return await browser.submit(form.action, { ...form.fields, ...changes }, origin)
}

/** Users with their applications, as listed. */
export function rowsOf({ text }: Page): string[] {
  return [...text.matchAll(/<th scope="row">\s*<bdi>([^<]*)<\/bdi>.*?<td>\s*<bdi>([^<]*)<\/bdi>/gs)].map(
    ([, email = '', client = '']) => `${email} ${client}`,
  )
}

/** Stores copies of a session, older by one second each. */
export async function copySessions(connect: Connect, id: string, count: number): Promise<void> {
  const record = JSON.parse((await connect.redis.hget(keyOf(id), 'record')) ?? '') as { createdAt: number }
  const index = new SessionIndex(connect.redis, connect.origin)
  for (let copy = 1; copy <= count; copy += 1) {
    const newId = randomSecret()
    const createdAt = record.createdAt - copy
    const text = JSON.stringify({ ...record, id: newId, createdAt, clientName: `Copy ${copy}` })
    await connect.redis.hset(keyOf(newId), 'record', text, 'refresh', 'x', 'generation', '1', 'key', 'key-1')
    await connect.redis.expire(keyOf(newId), 3600)
    await index.add(newId, { openedAt: createdAt, seconds: 3600 })
  }
}

function keyOf(id: string): string {
  return `connect:{${id}}:session`
}

function plain(escaped: string): string {
  return escaped.replace(/&#(\d+);/g, (_reference, code: string) => String.fromCharCode(Number(code)))
}
