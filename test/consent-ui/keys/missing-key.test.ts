import assert from 'node:assert/strict'
import { markSigningKey } from '../../../core/keys/signing-mark.ts'
import type { KeyListEntry } from '../../../core/keys/keys.ts'
import { json, type Answer } from '../support/answer.ts'
import { assertRefused, TestClient, tokensOf, type Tokens } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { keyList, newKey } from '../support/settings.ts'
import { beforeAll } from '../../support/before-all.ts'

/** The operator removed a key too early, or deployed a list without it. */
describe('A missing sealing key', () => {
  const [first, second] = [newKey('sealing', 'first'), newKey('sealing', 'second')]
  const lists = (use: KeyListEntry['use']): string => keyList({ ...first, use }, second)
  let tokens: Tokens
  let code: string

  const connect = beforeAll(() => startConnect({ settings: { CONNECT_SEALING_KEYS: keyList(first) } }))
  const client = beforeAll(() => connect.client())

  beforeEach(async () => {
    connect.redeploy({ CONNECT_SEALING_KEYS: keyList(first) })
    tokens = await tokensFor(connect, client)
    code = await codeFor(connect, client)
    connect.redeploy({ CONNECT_SEALING_KEYS: lists('registrations') })
    connect.lines.length = 0
  })

  function assertUnavailable(answer: Answer): void {
    assert.equal(answer.status, 503, answer.text)
    assert.equal(json(answer).error, 'temporarily_unavailable')
    assert.equal(answer.headers.get('retry-after'), '5')
  }

  const missingLines = (): number =>
    connect.lines.filter((line) => line.includes('sealing key first is missing')).length

  it('makes a refresh and the redemption of a code unavailable, not invalid_grant, and is logged', async () => {
    assertUnavailable(await client.refresh(tokens.refresh_token))
    assert.equal(missingLines(), 1)
    assertUnavailable(await client.redeem(code))
    assert.equal(missingLines(), 2)
    connect.redeploy({ CONNECT_SEALING_KEYS: lists('accept') })
    tokensOf(await client.refresh(tokens.refresh_token))
    tokensOf(await client.redeem(code))
  })

  it('makes a repeated refresh unavailable if it derived the successor', async () => {
    connect.redeploy({ CONNECT_SEALING_KEYS: keyList(first) })
    const next = tokensOf(await client.refresh(tokens.refresh_token))
    connect.redeploy({ CONNECT_SEALING_KEYS: lists('accept') })
    // Sealed values move to the second key; the successor stays derived with the first.
    assert.equal(tokensOf(await client.refresh(tokens.refresh_token)).refresh_token, next.refresh_token)
    connect.redeploy({ CONNECT_SEALING_KEYS: lists('registrations') })
    assertUnavailable(await client.refresh(tokens.refresh_token))
  })

  it('makes requests with a grant unavailable, not invalid_client, if it sealed the registration', async () => {
    connect.redeploy({ CONNECT_SEALING_KEYS: keyList(second) })
    assertUnavailable(await client.refresh(tokens.refresh_token))
    assertUnavailable(await client.redeem(code))
    assertUnavailable(await client.revoke(tokens.refresh_token))
    assert.equal(missingLines(), 3)
    connect.redeploy({ CONNECT_SEALING_KEYS: lists('accept') })
    tokensOf(await client.refresh(tokens.refresh_token))
  })

  it('makes a client without a grant unknown, so it registers again', async () => {
    connect.redeploy({ CONNECT_SEALING_KEYS: keyList(second) })
    assertRefused(await client.refresh('nonsense'), 'invalid_client', 401)
    const other = await connect.client('http://localhost/other')
    const madeUp = new TestClient(connect.origin, { id: `${client.id}x`, redirectUri: client.redirectUri })
    assertRefused(await madeUp.refresh(tokens.refresh_token), 'invalid_client', 401)
    assertRefused(await other.refresh(tokens.refresh_token), 'invalid_grant')
    assert.equal(missingLines(), 0)
  })

  it('is logged a few times a minute for any number of requests', async () => {
    for (let count = 0; count < 20; count += 1) assertUnavailable(await client.refresh(tokens.refresh_token))
    assert.ok(missingLines() >= 1 && missingLines() <= 6, String(missingLines()))
  })

  it('does not prevent a revocation', async () => {
    const form = { token: tokens.refresh_token, client_id: client.id }
    assert.equal((await connect.post('/auth/revoke', form)).status, 200)
    assert.ok(connect.lines.some((line) => line.includes('credential of an ended session not logged out')))
    connect.redeploy({ CONNECT_SEALING_KEYS: lists('accept') })
    assert.equal(json(await client.refresh(tokens.refresh_token)).error, 'invalid_grant')
  })
})

describe('An access token of an earlier deployment', () => {
  it('gives 503 at revocation while the signing key that Redis names is missing', async () => {
    const connect = await startConnect()
    const client = await connect.client()
    const { access_token: token } = await tokensFor(connect, client)
    connect.redeploy({ CONNECT_SIGNING_KEYS: keyList(newKey('signing', 'other')) })
    const revoke = () => connect.post('/auth/revoke', { token, client_id: client.id })
    assert.equal((await revoke()).status, 200)
    const mark = { origin: connect.origin, keyId: 'key-1', seconds: 60 }
    await markSigningKey(connect.redis, mark)
    assert.equal((await revoke()).status, 503)
    assert.ok(connect.lines.some((line) => line.includes('signing key key-1 is missing')))
  })
})
