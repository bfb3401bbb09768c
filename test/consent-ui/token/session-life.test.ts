import assert from 'node:assert/strict'
import fc from 'fast-check'
import { fuzzRuns } from '../../support/fuzz-runs.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { startConnect } from '../support/connect.ts'
import { SessionLife } from './support/session-life.ts'
import { anyStep, type Step } from './support/session-steps.ts'
import { beforeAll } from '../../support/before-all.ts'

const RUNS = 20
const MIN_STEPS = 20
const MAX_STEPS = 60
const DAY_SECONDS = 86_400
const REDEEM = { does: 'redeem', which: 0, network: 'home', fault: 'none', crash: undefined } as const
const REFRESH = { does: 'refresh', which: 0, back: 0, network: 'home', times: 1, crash: undefined } as const
const LATER = { does: 'wait', seconds: 150 } as const
const BEGINNING: readonly Step[] = [{ does: 'authorize' }, REDEEM]
/** Outcomes that random steps may miss on a slow machine. */
const EXAMPLES: readonly Step[][] = [
  [{ does: 'wait', seconds: 50 }, REDEEM],
  [REFRESH, LATER, REFRESH, LATER, { ...REFRESH, back: 2, network: 'office' }],
  [REFRESH, { ...REFRESH, back: 1 }],
  [{ ...REFRESH, crash: { call: 1, carriedOut: false } }, REFRESH],
  // Two parties hold the tokens, and the user approves again.
  [
    { ...REFRESH, network: 'office' },
    LATER,
    { ...REFRESH, back: 1 },
    { does: 'authorize' },
    { ...REDEEM, which: 1 },
  ],
]
const LIFETIMES = { session: 30 * DAY_SECONDS, idle: 14 * DAY_SECONDS }

describe('A session under random operations', () => {
  const connect = beforeAll(async () => await startConnect({ valkey: await startValkey() }))
  const client = beforeAll(() => connect.client())
  const other = beforeAll(() => connect.client(client.redirectUri, 'Another'))

  it('T07: matches its model after each step and each crash between two Redis calls', async () => {
    const happened = new Map<string, number>()
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: MIN_STEPS, maxLength: MAX_STEPS }), async (steps) => {
        await connect.redis.flushall()
        const life = new SessionLife({ connect, client, other, lifetimes: LIFETIMES })
        for (const step of [...BEGINNING, ...steps]) await life.perform(step)
        for (const what of life.happened) happened.set(what, (happened.get(what) ?? 0) + 1)
      }),
      {
        numRuns: fuzzRuns(RUNS),
        interruptAfterTimeLimit: fuzzRuns(15_000),
        examples: EXAMPLES.map((steps) => [steps]),
      },
    )
    // Without these events the test would prove nothing.
    for (const what of [
      'redeem: ends',
      'refresh: rotates',
      'refresh: repeats',
      'refresh: ends',
      'refresh: contests',
      'crash',
    ]) {
      assert.ok((happened.get(what) ?? 0) > 0, `${what} never happened: ${JSON.stringify([...happened])}`)
    }
  })
})
