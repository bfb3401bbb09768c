import assert from 'node:assert/strict'
import { startCallbackServer } from '../../journeys/support/callback-server.ts'
import { CLIENT_SITE, REDIRECTOR } from './outside-sites.ts'
import type { PersonAtBrowser } from './person-at-browser.ts'
import type { World } from './world.ts'

/** Where the user returns to: the client's redirect URI, and what arrives there or at the application behind it. */
export interface Destination {
  readonly redirectUri: string
  next(person: PersonAtBrowser): Promise<URLSearchParams>
}

type NewDestination = (world: World) => Promise<Destination>

export const DESTINATIONS: readonly (readonly [name: string, begin: NewDestination])[] = [
  ['an application on this computer (loopback)', newLoopback],
  ['an https site', ({ sites }) => Promise.resolve({ redirectUri: CLIENT_SITE, next: () => sites.next() })],
  ['cursor://', application('cursor://anysphere.cursor-mcp/oauth/callback')],
  ['vscode://', application('vscode://quilt.connect/callback')],
  ['an https site that redirects to vscode://', application(REDIRECTOR, 'vscode:')],
]

/** With a server of its own. */
export async function newLoopback(): Promise<Destination> {
  return await startCallbackServer()
}

function application(redirectUri: string, protocol = new URL(redirectUri).protocol): NewDestination {
  const next = async ({ browser }: PersonAtBrowser): Promise<URLSearchParams> => {
    const link = await browser.handedOver()
    assert.equal(link.protocol, protocol)
    return link.searchParams
  }
  return () => Promise.resolve({ redirectUri, next })
}
