import assert from 'node:assert/strict'
import { ADA, type DemoPerson } from '../../../../deploy/demo/people.ts'
import type { Audit } from '../../../../core/audit/audit-entry.ts'
import type { HttpBrowser, Page } from '../../../support/http-browser.ts'
import { ask, json, type Answer } from '../../support/answer.ts'
import type { TestClient } from '../../support/client.ts'
import { startConnect, type Connect } from '../../support/connect.ts'

export const CATALOG = 'https://catalog.example'
/** The variables of an organisation with an identity provider, which the catalog replaces. */
const WITHOUT_IDENTITY_PROVIDER = { OIDC_ISSUER: '', OIDC_CLIENT_ID: '', OIDC_CLIENT_SECRET: '' }

interface Asked {
  readonly changes?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

export async function startWithCatalog(audit: Audit): Promise<Connect> {
  const settings = { QUILT_CREDENTIAL_SOURCE: 'catalog', QUILT_CATALOG_ORIGIN: CATALOG }
  return await startConnect({ audit, settings: { ...WITHOUT_IDENTITY_PROVIDER, ...settings } })
}

/** What the catalog's page does for a client's request. */
export function catalogPage(connect: Connect, client: TestClient) {
  /** The token that the catalog's pages hold for a signed-in user. */
  async function catalogToken({ quilt, password }: DemoPerson = ADA): Promise<string> {
    const answer = await fetch(`${connect.organisation.registry.origin}/api/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: quilt.name, password }),
    })
    return ((await answer.json()) as { token: string }).token
  }

  async function askConnect(
    path: 'validate' | 'authorize',
    token: string,
    { changes = {}, headers = {} }: Asked = {},
  ): Promise<Answer> {
    const request = Object.fromEntries(new URL(client.authorizationUrl()).searchParams)
    return await ask(`${connect.origin}/api/connect/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: CATALOG,
        authorization: `Bearer ${token}`,
        ...headers,
      },
      body: JSON.stringify({ ...request, ...changes }),
    })
  }

  async function handOver(token: string): Promise<string> {
    const answer = await askConnect('authorize', token)
    assert.equal(answer.status, 200, answer.text)
    return String(json(answer).redirect_uri)
  }

  /** As the catalog's page does. */
  async function openFromCatalog(browser: HttpBrowser, handle: string): Promise<Page> {
    return await browser.open(handle, `${CATALOG}/`)
  }

  return { catalogToken, askConnect, handOver, openFromCatalog }
}

/** An error as the catalog's page reads it. */
export function assertError(answer: Answer, status: number, code: string): void {
  assert.equal(answer.status, status, answer.text)
  const { error_code: shown, message } = json(answer)
  assert.equal(shown, code, answer.text)
  assert.match(String(message), /./)
  assert.equal(answer.headers.get('cache-control'), 'no-store')
}
