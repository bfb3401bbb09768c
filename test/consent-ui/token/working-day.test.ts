import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { startValkey } from '../../support/store/valkey.ts'
import type { TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { tokensFor } from '../support/person.ts'
import { ClaudeCodeSession, type CredentialFile } from './support/claude-code.ts'

const SESSIONS = 5
const DAY_SECONDS = 8 * 3600
const SEEDS = [1, 2, 3]

/** How the sessions of a day send requests. */
interface Rhythm {
  readonly pauseSeconds: readonly [shortest: number, longest: number]
  readonly readsAgain: boolean
}

describe('A day of eight hours with five Claude Code sessions that share one refresh token', () => {
  let connect: Connect
  let client: TestClient

  beforeEach(async () => {
    connect = await startConnect({ valkey: await startValkey({ appendonly: 'no' }) })
    client = (await connect.client()).from('192.0.2.10')
  })

  /** Runs one day; returns the ids of all sessions in use. */
  async function work({ pauseSeconds: [shortest, longest], readsAgain }: Rhythm, seed: number) {
    const random = randomNumbers(seed)
    const file: CredentialFile = { tokens: await tokensFor(connect, client) }
    const people = Array.from({ length: SESSIONS }, () => new ClaudeCodeSession(client, file, { readsAgain }))
    const begin = connect.now()
    const pause = (): number => shortest + Math.ceil(random() * (longest - shortest))
    const due = people.map(() => begin + pause())
    const used = new Set<string>()
    for (;;) {
      const next = Math.min(...due)
      if (next > begin + DAY_SECONDS) break
      await connect.passTime(Math.max(0, next - connect.now()))
      // All due requests run at once.
      const together = due.flatMap((at, index) => (at <= next ? [index] : []))
      for (const index of together) due[index] = next + pause()
      const sent = await Promise.all(
        together.map(async (index) => await people[index]?.request(connect.now())),
      )
      for (const token of sent) used.add(String(decodeJwt(token ?? '').sid))
    }
    return { people, used, live: await connect.redis.keys('connect:*:session') }
  }

  const rhythms: readonly [string, Rhythm][] = [
    ['short pauses, each session with its own copy', { pauseSeconds: [1, 300], readsAgain: false }],
    ['all in the same minute, each session with its own copy', { pauseSeconds: [60, 60], readsAgain: false }],
    [
      'pauses of hours, and a refused session reads the shared file',
      { pauseSeconds: [1, 9000], readsAgain: true },
    ],
  ]
  for (const [what, rhythm] of rhythms) {
    for (const seed of SEEDS) {
      it(`T07b: ${what}: no forced login and one live session (day ${seed})`, async () => {
        const { people, used, live } = await work(rhythm, seed)
        const days = people.map(({ day }) => day)
        assert.equal(
          days.reduce((sum, { forcedLogins }) => sum + forcedLogins, 0),
          0,
          JSON.stringify(days),
        )
        assert.equal(live.length, 1)
        assert.equal(used.size, 1)
        assert.equal(connect.alarms.count('stolen_refresh_token'), 0)
        if (!rhythm.readsAgain)
          assert.ok(
            days.every(({ refusals }) => refusals === 0),
            JSON.stringify(days),
          )
        assert.ok(
          days.every(({ refreshes }) => refreshes > 0),
          JSON.stringify(days),
        )
      })
    }
  }
})

function randomNumbers(seed: number): () => number {
  let count = 0
  return () => {
    count += 1
    return createHash('sha256').update(`${seed} ${count}`).digest().readUInt32BE() / 2 ** 32
  }
}
