import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { createClientBlock } from '../../../authz/decide/blocked-clients.ts'
import { blockedClients, fingerprintOf, type BlockedClients } from '../../../core/clients/blocked-clients.ts'
import { sealId } from '../../../core/clients/sealed-id.ts'
import { readEnvironment } from '../../../core/config/environment.ts'
import { keyRing } from '../../../core/keys/keys.ts'
import { NONCE_BYTES } from '../../../core/keys/sealing.ts'
import type { Session } from '../../../core/sessions/session.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { openSession, ORIGIN, RING, sealingKey, type Opening } from '../support/sessions.ts'
import { startGate, type Gate } from '../support/gate.ts'
import { assertInvalid } from '../support/verdicts.ts'

const DOCUMENT = 'https://Editor.example/oauth/client.json'

/** An id with a registration in it, as consent-ui issues them. */
function sealedId(redirectUris: readonly string[], ring = RING): string {
  const registration = JSON.stringify({ n: 'A client', r: redirectUris })
  return sealId(ring, Buffer.from(registration), randomBytes(NONCE_BYTES))
}

const CURSOR = sealedId(['cursor://x/callback', 'https://www.cursor.com/callback'])

describe('createClientBlock', () => {
  const other = sealedId(['https://x.example/cb'], keyRing('https://other', [sealingKey('seal-1')]))
  const fingerprint = fingerprintOf(CURSOR)
  const own = 'operators-own'
  const to = { redirectUri: 'https://claude.ai/callback' }
  const table: [what: string, entries: string, session: Partial<Session>, isBlocked: boolean][] = [
    ['an empty list', '', { clientId: CURSOR }, false],
    ['a fingerprint', fingerprint, { clientId: CURSOR }, true],
    ['a fingerprint in capitals', fingerprint.toUpperCase(), { clientId: CURSOR }, true],
    ["another's fingerprint", fingerprintOf('another'), { clientId: CURSOR }, false],
    ['the fingerprint of a document', fingerprintOf(DOCUMENT), { clientId: DOCUMENT }, true],
    ["the fingerprint of the operator's own", fingerprintOf(own), { clientId: own }, true],
    ['a host that was registered', 'www.cursor.com', { clientId: CURSOR }, true],
    ['all of its domain', '.cursor.com', { clientId: CURSOR }, true],
    ['a scheme that was registered', 'cursor://', { clientId: CURSOR }, true],
    ['the host above it', 'cursor.com', { clientId: CURSOR }, false],
    ['other hosts', 'windsurf://,ww.cursor.com', { clientId: CURSOR }, false],
    ['the host of a document', 'editor.example', { clientId: DOCUMENT }, true],
    ['all of the domain of a document', '.example', { clientId: DOCUMENT }, true],
    ['all below the host of a document', '.editor.example', { clientId: DOCUMENT }, false],
    ["where the code went to the operator's own", 'claude.ai', { clientId: own, ...to }, true],
    ['where the code went to that of a document', 'claude.ai', { clientId: DOCUMENT, ...to }, true],
    ['below where the code went', '.claude.ai', { clientId: DOCUMENT, ...to }, false],
    ['a host, for a registration of another Connect host', 'x.example', { clientId: other }, false],
  ]
  for (const [what, entries, changes, isBlocked] of table) {
    it(`${isBlocked ? 'blocks' : 'does not block'} by ${what}`, () => {
      const isBlockedClient = createClientBlock({ blocked: blockOf(entries) }, RING)
      const { session } = openSession(changes)
      for (const turn of ['first', 'again']) assert.equal(isBlockedClient(session), isBlocked, turn)
    })
  }

  it('opens client ids sealed by an older key whose use is registrations', () => {
    const older = sealingKey('seal-0', 70)
    const ring = keyRing(ORIGIN, [sealingKey('seal-1'), { ...older, use: 'registrations' }])
    const clientId = sealedId(['https://x.example/cb'], keyRing(ORIGIN, [older]))
    const { session } = openSession({ clientId })
    assert.ok(createClientBlock({ blocked: blockOf('x.example') }, ring)(session))
    assert.ok(!createClientBlock({ blocked: blockOf('x.example') }, RING)(session))
  })
})

describe('authz with a blocked client', () => {
  let open: Gate
  let closed: Gate

  before(async () => {
    const store = await startValkey()
    open = await startGate(store)
    closed = await startGate(store, {
      signer: open.signer,
      blocked: blockOf('www.cursor.com,editor.example'),
    })
  })

  async function tokenOf(opening: Opening): Promise<string> {
    await open.save(opening)
    return await open.signer.sign(opening)
  }

  it('refuses a valid token of a live session, cached or not', async () => {
    for (const clientId of [CURSOR, DOCUMENT]) {
      const token = await tokenOf(openSession({ clientId }))
      const reads = closed.store.reads
      for (const temperature of ['cold', 'warm']) {
        assert.equal((await open.envoy.present(token)).kind, 'ok_response', temperature)
        const refused = await closed.envoy.present(token)
        assertInvalid(refused, 'client_blocked')
        assert.deepEqual([refused.metadata.client, refused.metadata.subject], [clientId, 'ada'])
      }
      assert.equal(closed.store.reads, reads + 1)
    }
  })

  it('allows other clients', async () => {
    const token = await tokenOf(openSession({ clientId: sealedId(['https://claude.ai/callback']) }))
    assert.equal((await closed.envoy.present(token)).kind, 'ok_response')
  })

  it('answers a blocked client as any invalid token', async () => {
    const token = await tokenOf(openSession({ clientId: CURSOR }))
    const blocked = await closed.envoy.present(token)
    const bad = await closed.envoy.present('x')
    assert.deepEqual([blocked.headers, blocked.body], [bad.headers, bad.body])
  })
})

/** As both services read it from their environment. */
function blockOf(entries: string): BlockedClients {
  const environment = { CONNECT_BLOCKED_CLIENTS: entries }
  return readEnvironment(z.object({ CONNECT_BLOCKED_CLIENTS: blockedClients }), environment)
    .CONNECT_BLOCKED_CLIENTS
}
