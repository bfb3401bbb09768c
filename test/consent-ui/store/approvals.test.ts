import assert from 'node:assert/strict'
import { Approvals } from '../../../consent-ui/store/approvals.ts'
import type { OperatorKey } from '../../../core/keys/keys.ts'
import { onEachStore } from '../../support/store/each-store.ts'
import { as, operatorKey, ringOf } from '../support/keys.ts'

const DAY_SECONDS = 86_400
const NOW = 1_800_000_000
const KEY = operatorKey('2026-11')
const CLIENT = { clientId: 'https://claude.ai/client.json', clientHash: 'hash-1' }

onEachStore('The count of approvals', (current) => {
  const approvalsUnder = (key: OperatorKey, ...others: OperatorKey[]) =>
    new Approvals(current().store, ringOf(key, ...others), 'https://connect.example')
  const user = (subject: string) => ({ issuer: 'https://idp.example', subject })

  it('is of other users, and tells when the user approved the client last', async () => {
    const approvals = approvalsUnder(KEY)
    for (const [subject, at] of [
      ['ada', NOW],
      ['grace', NOW + 1],
      ['ada', NOW + 2],
    ] as const) {
      await approvals.add(CLIENT, user(subject), at)
    }
    assert.deepEqual(await approvals.of(CLIENT, user('ada'), NOW + 3), {
      ownAt: NOW + 2,
      others: 1,
      isMore: false,
    })
    assert.deepEqual(await approvals.of(CLIENT, user('joan'), NOW + 3), {
      ownAt: undefined,
      others: 2,
      isMore: false,
    })
  })

  it('begins anew for another client, and once anything about the client has changed', async () => {
    const approvals = approvalsUnder(KEY)
    await approvals.add(CLIENT, user('ada'), NOW)
    for (const other of [
      { ...CLIENT, clientId: 'x' },
      { ...CLIENT, clientHash: 'hash-2' },
    ]) {
      assert.deepEqual(await approvals.of(other, user('ada'), NOW), {
        ownAt: undefined,
        others: 0,
        isMore: false,
      })
    }
  })

  it('forgets an approval after 400 days, and the key itself too', async () => {
    const approvals = approvalsUnder(KEY)
    await approvals.add(CLIENT, user('ada'), NOW)
    const [key = ''] = await current().keys()
    assert.equal(await current().store.ttl(key), 400 * DAY_SECONDS)
    assert.equal((await approvals.of(CLIENT, user('joan'), NOW + 401 * DAY_SECONDS)).others, 0)
    await approvals.add(CLIENT, user('grace'), NOW + 401 * DAY_SECONDS)
    assert.equal(await current().store.zcard(key), 1)
  })

  it('counts a user once when another key is current', async () => {
    await approvalsUnder(KEY).add(CLIENT, user('ada'), NOW)
    const next = approvalsUnder(operatorKey('2027-01'), as('accept', KEY))
    assert.equal((await next.of(CLIENT, user('ada'), NOW + 1)).ownAt, NOW)
    await next.add(CLIENT, user('ada'), NOW + 1)
    assert.equal((await next.of(CLIENT, user('joan'), NOW + 1)).others, 1)
  })

  it('keeps at most 1000 users of a client, and says that there are more', async () => {
    const approvals = approvalsUnder(KEY)
    await Promise.all(
      Array.from({ length: 1005 }, (_one, at) => approvals.add(CLIENT, user(`user-${at}`), NOW)),
    )
    const [key = ''] = await current().keys()
    assert.equal(await current().store.zcard(key), 1000)
    assert.ok((await approvals.of(CLIENT, user('joan'), NOW)).isMore)
  })

  it('holds no name, and nothing that is the same for two clients', async () => {
    const approvals = approvalsUnder(KEY)
    await approvals.add(CLIENT, user('ada'), NOW)
    await approvals.add({ ...CLIENT, clientId: 'x' }, user('ada'), NOW)
    const keys = await current().keys()
    const members = await Promise.all(keys.map((key) => current().store.zrange(key, '0', '-1')))
    assert.equal(new Set(members.flat()).size, 2)
    assert.ok(members.flat().every((member) => /^[\w-]{43}$/.test(member)))
  })
})
