import assert from 'node:assert/strict'
import {
  ConsentStore,
  type GivenConsent,
  type ConsentRequest,
} from '../../../consent-ui/store/consent-store.ts'
import type { OperatorKey } from '../../../core/keys/keys.ts'
import { onEachStore } from '../../support/store/each-store.ts'
import { as, operatorKey, ringOf } from '../support/keys.ts'

const DAY_SECONDS = 86_400
const NOW = 1_800_000_000
const KEY = operatorKey('2026-11')
const QUESTION: ConsentRequest = {
  person: { issuer: 'https://idp.example', subject: 'ada' },
  clientId: 'client-1',
  clientHash: 'hash-1',
  redirectUri: 'https://claude.ai/callback',
  resource: 'https://connect.example/mcp/platform',
  scope: 'platform',
}
const GIVEN: GivenConsent = {
  sessionId: 'session-1',
  access: 'read',
  lifetime: 'most',
  endsAt: NOW + 90 * DAY_SECONDS,
  givenAt: NOW,
}

onEachStore('Given consents', (current) => {
  const storeUnder = (key: OperatorKey, ...others: OperatorKey[]) =>
    new ConsentStore(current().store, ringOf(key, ...others))

  async function lifetime(): Promise<number> {
    const [key = ''] = await current().keys()
    return await current().store.ttl(key)
  }

  it('are found for the same request, and for no other', async () => {
    const store = storeUnder(KEY)
    await store.remember(QUESTION, GIVEN, NOW)
    assert.deepEqual(await store.find(QUESTION, NOW), GIVEN)
    for (const other of [
      { person: { ...QUESTION.person, subject: 'grace' } },
      { person: { ...QUESTION.person, issuer: 'https://other.example' } },
      { clientId: 'client-2' },
      { clientHash: 'hash-2' },
      { redirectUri: 'https://claude.ai/callback/' },
      { resource: 'https://connect.example/files' },
      { scope: 'platform offline_access' },
    ]) {
      assert.equal(await store.find({ ...QUESTION, ...other }, NOW), undefined, JSON.stringify(other))
    }
  })

  it('are the last of a user, client and service', async () => {
    const store = storeUnder(KEY)
    await store.remember(QUESTION, GIVEN, NOW)
    await store.remember({ ...QUESTION, scope: 'other' }, GIVEN, NOW)
    assert.equal(await store.find(QUESTION, NOW), undefined)
    assert.equal((await current().keys()).length, 1)
  })

  it('are kept for 30 days, at most as long as their grant', async () => {
    const store = storeUnder(KEY)
    await store.remember(QUESTION, GIVEN, NOW + 10 * DAY_SECONDS)
    assert.equal(Math.ceil((await lifetime()) / DAY_SECONDS), 20)
    await store.remember(QUESTION, { ...GIVEN, endsAt: NOW + DAY_SECONDS }, NOW)
    assert.equal(Math.ceil((await lifetime()) / DAY_SECONDS), 1)
    assert.equal(await store.find(QUESTION, NOW + DAY_SECONDS), undefined)
  })

  it('are not kept after their grant ended', async () => {
    const store = storeUnder(KEY)
    await store.remember(QUESTION, { ...GIVEN, endsAt: NOW }, NOW)
    await store.remember(QUESTION, GIVEN, NOW + 30 * DAY_SECONDS)
    assert.deepEqual(await current().keys(), [])
  })

  it('are forgotten by user, client and service', async () => {
    const store = storeUnder(KEY)
    await store.remember(QUESTION, GIVEN, NOW)
    await store.forget(QUESTION.person, { clientId: 'client-2', resource: QUESTION.resource })
    assert.ok(await store.find(QUESTION, NOW))
    await store.forget(QUESTION.person, QUESTION)
    assert.equal(await store.find(QUESTION, NOW), undefined)
  })

  it('count while the key that sealed them is accepted, and not under another', async () => {
    await storeUnder(KEY).remember(QUESTION, GIVEN, NOW)
    const next = operatorKey('2026-12')
    assert.deepEqual(await storeUnder(next, as('accept', KEY)).find(QUESTION, NOW), GIVEN)
    assert.equal(await storeUnder(next).find(QUESTION, NOW), undefined)
  })
})
