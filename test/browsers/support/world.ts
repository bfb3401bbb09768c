import assert from 'node:assert/strict'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { post, json } from '../../consent-ui/support/answer.ts'
import { TestClient, tokensOf } from '../../consent-ui/support/client.ts'
import { recordedStack, type RecordedStack } from '../../journeys/support/recorded-stack.ts'
import { sharedByFiles } from '../../support/close-after-all.ts'
import { REDIRECTOR, startOutsideSites, type OutsideSites } from './outside-sites.ts'
import type { BrowserOptions } from './real-browser.ts'

const CHANGES = {
  CONNECT_ALLOWED_HOSTS: 'localhost,cursor://,vscode://,claude.ai,vscode.dev',
  // A hundred tests come from one address.
  RATE_LIMIT_REGISTER: 'off',
  RATE_LIMIT_AUTHORIZE: 'off',
  RATE_LIMIT_PAGES: 'off',
}

/** The stack, the clients' sites, and what the browsers need to know of both. */
export class World {
  readonly sites: OutsideSites
  readonly options: BrowserOptions
  readonly #stack: RecordedStack

  constructor(stack: RecordedStack, sites: OutsideSites) {
    this.#stack = stack
    this.sites = sites
    const origins = [stack.origin, new URL(REDIRECTOR).origin]
    this.options = { origins, proxy: sites.proxy, runsScripts: true }
  }

  /** Registers a client. */
  async client(redirectUri: string): Promise<TestClient> {
    const { origin } = this.#stack
    const body = JSON.stringify({ client_name: 'Claude Code', redirect_uris: [redirectUri] })
    const answer = await post(`${origin}/auth/register`, body, { 'content-type': 'application/json' })
    assert.equal(answer.status, 201, answer.text)
    return new TestClient(origin, { id: String(json(answer).client_id), redirectUri })
  }

  /** Lets the time pass after which an authorization request has expired. */
  async expireRequests(): Promise<void> {
    const redis = new Redis({ path: join(this.#stack.context.folder, 'valkey.sock') })
    const keys = await redis.keys('connect:transaction:*')
    assert.ok(keys.length > 0)
    await redis.unlink(keys)
    redis.disconnect()
  }
}

export const startWorld = sharedByFiles(async () => {
  const changes = { 'consent-ui': CHANGES }
  return new World(await recordedStack({ changes }), await startOutsideSites())
})

/** Asserts that the client gets tokens for what it received. */
export async function redeemed(client: TestClient, answer: URLSearchParams): Promise<void> {
  assert.equal(answer.get('state'), client.state)
  tokensOf(await client.redeem(answer.get('code') ?? ''))
}
