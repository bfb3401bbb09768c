import assert from 'node:assert/strict'
import { lifetimeChoices, offerOf, readGrant } from '../../../consent-ui/consent/offer.ts'
import { PLATFORM } from '../../support/services.ts'

const HOUR = 3600
const DAY = 24 * HOUR
const LIFETIMES = { sessionSeconds: 30 * DAY, maxSeconds: 90 * DAY, idleSeconds: 14 * DAY }
const NOW = 1_800_000_000

const boundsFor = (credentialSeconds: number) => ({
  service: PLATFORM,
  lifetimes: LIFETIMES,
  credentialSeconds,
})

describe('The lifetimes of an offer', () => {
  for (const [what, credentialSeconds, offered] of [
    ['a credential that is renewed', Infinity, { today: 12 * HOUR, usual: 30 * DAY, most: 90 * DAY }],
    ['one of exactly 90 days', 90 * DAY, { today: 12 * HOUR, usual: 30 * DAY, most: 90 * DAY }],
    ['one of 40 days', 40 * DAY, { today: 12 * HOUR, usual: 30 * DAY, most: 40 * DAY }],
    ['one of exactly 30 days', 30 * DAY, { today: 12 * HOUR, usual: 30 * DAY }],
    ['one of 20 days', 20 * DAY, { today: 12 * HOUR, usual: 20 * DAY }],
    ['one of exactly 12 hours', 12 * HOUR, { today: 12 * HOUR }],
    ['one of an hour', HOUR, { today: HOUR }],
    ['one that is over', 0, {}],
  ] as const) {
    it(`end with ${what}`, () => {
      const choices = lifetimeChoices(LIFETIMES, credentialSeconds)
      assert.deepEqual(Object.fromEntries(choices.map(({ name, seconds }) => [name, seconds])), offered)
    })
  }
})

describe('The preset of an offer', () => {
  it('is read-only for the usual lifetime', () => {
    assert.deepEqual(offerOf(boundsFor(Infinity)).preset, { access: 'read', lifetime: 'usual' })
  })

  it('is read-only in whichever order the service grants access', () => {
    const service = { ...PLATFORM, grants: ['full', 'read'] as const }
    assert.equal(offerOf({ ...boundsFor(Infinity), service }).preset.access, 'read')
  })

  it('is the earlier choice', () => {
    const before = { access: 'full', lifetime: 'most' } as const
    assert.deepEqual(offerOf(boundsFor(Infinity), before).preset, before)
  })

  it('is always on offer, whatever was chosen before', () => {
    const service = { ...PLATFORM, grants: ['read'] as const }
    const { preset } = offerOf({ ...boundsFor(HOUR), service }, { access: 'full', lifetime: 'most' })
    assert.deepEqual(preset, { access: 'read', lifetime: 'today' })
  })
})

describe('A grant', () => {
  const read = (fields: Record<string, string>, credentialSeconds = Infinity) =>
    readGrant(new Map(Object.entries(fields)), boundsFor(credentialSeconds), NOW)

  it('ends after its lifetime, counted from the decision', () => {
    assert.deepEqual(read({ access: 'full', lifetime: 'today' }), {
      access: 'full',
      lifetime: 'today',
      endsAt: NOW + 12 * HOUR,
      givenAt: NOW,
    })
  })

  it('ends with the credential, also when the offer has shrunk since the page was shown', () => {
    assert.equal(read({ access: 'read', lifetime: 'most' }, 20 * DAY).endsAt, NOW + 20 * DAY)
  })

  it('needs no choice between one option', () => {
    assert.equal(read({ access: 'read' }, HOUR).endsAt, NOW + HOUR)
    assert.throws(() => read({ access: 'read' }), { name: 'ShownError' })
  })
})
