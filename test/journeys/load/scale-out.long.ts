import assert from 'node:assert/strict'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { beforeAll } from '../../support/before-all.ts'
import { until } from '../../support/until.ts'
import { startValkeyCluster, type ClusterNode } from '../../support/store/valkey-cluster.ts'
import { startScaledOut, type OpenedSession } from '../support/scaled-out.ts'

const PER_SECOND = 150
const TICK_MS = 10
const KEPT = 30
const REVOKED = 40
/** Between two revocations, and two refreshes. */
const CHANGE_MS = 150
const BEFORE_MS = 3000
const AFTER_MS = 4000
const MAX_FAILOVER_MS = 20_000

interface Outcome {
  readonly session: OpenedSession
  readonly sentMs: number
  readonly status: number
}

describe('Four authz and two consent-ui over a cluster that loses a master', function () {
  this.timeout(120_000)

  const cluster = beforeAll(() => startValkeyCluster())
  const heirs: ClusterNode[] = []
  before(async () => {
    for (const master of cluster.nodes) heirs.push(await cluster.addReplica(master))
  })
  const scaled = beforeAll(() => startScaledOut(cluster.settings, { authzCount: 4, consentUiCount: 2 }))

  const outcomes: Outcome[] = []
  /** When the revocation of a session was confirmed to its client. */
  const revokedMs = new Map<OpenedSession, number>()
  const kept: OpenedSession[] = []
  const toRevoke: OpenedSession[] = []
  const unavailable = { revocations: 0, refreshes: 0 }
  let refreshes = 0

  before(async () => {
    for (let count = 0; count < KEPT; count += 1) kept.push(await scaled.open())
    for (let count = 0; count < REVOKED; count += 1) toRevoke.push(await scaled.open())
  })

  /** Asks authz about every session in turn, at a fixed rate, whatever becomes of the answers. */
  function ask(stopping: AbortSignal): Promise<unknown> {
    const all = [...kept, ...toRevoke]
    const begunMs = performance.now()
    const asked: Promise<unknown>[] = []
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const timer = setInterval(() => {
      if (stopping.aborted) {
        clearInterval(timer)
        resolve(undefined)
        return
      }
      const due = ((performance.now() - begunMs) * PER_SECOND) / 1000
      while (asked.length < due) asked.push(askOnce(all[asked.length % all.length], asked.length))
    }, TICK_MS)
    return promise.then(() => Promise.all(asked))
  }

  async function askOnce(session: OpenedSession | undefined, turn: number): Promise<void> {
    assert.ok(session !== undefined)
    const sentMs = performance.now()
    const status = await scaled.ask(Math.floor(turn / 7) % scaled.authzCount, session.accessToken)
    outcomes.push({ session, sentMs, status })
  }

  async function revokeAll(): Promise<void> {
    for (const [index, session] of toRevoke.entries()) {
      while ((await scaled.revoke(index % scaled.consentUiCount, session)) !== 200) {
        unavailable.revocations += 1
        await setTimeout(CHANGE_MS)
      }
      revokedMs.set(session, performance.now())
      await setTimeout(CHANGE_MS)
    }
  }

  async function refreshAll(stopping: AbortSignal): Promise<void> {
    for (let turn = 0; !stopping.aborted; turn += 1) {
      const session = kept[turn % kept.length]
      assert.ok(session !== undefined)
      const status = await scaled.refresh(turn % scaled.consentUiCount, session)
      assert.ok([200, 503].includes(status), `${status} for a refresh`)
      if (status === 200) refreshes += 1
      else unavailable.refreshes += 1
      await setTimeout(CHANGE_MS)
    }
  }

  const isAt = ({ port }: ClusterNode, { id }: OpenedSession): boolean =>
    scaled.sessions.nodeOf(id) === `127.0.0.1:${port}`

  it('allows no revoked session, and refuses no other with 401', async () => {
    const stopping = new AbortController()
    const asking = ask(stopping.signal)
    const refreshing = refreshAll(stopping.signal)
    const revoking = revokeAll()
    await setTimeout(BEFORE_MS)
    const [, victim] = cluster.nodes
    const [, heir] = heirs
    assert.ok(victim !== undefined && heir !== undefined)
    const affected = kept.filter((session) => isAt(victim, session))
    assert.ok(affected.length > 0)
    const killedMs = performance.now()
    await victim.kill()
    await until(async () => (await heir.redis.info('replication')).includes('role:master'), 'a new master')
    const failoverMs = performance.now() - killedMs
    await revoking
    await setTimeout(AFTER_MS)
    stopping.abort()
    await Promise.all([asking, refreshing])
    printFigures({ killedMs, failoverMs, affected })

    const wronglyAllowed = outcomes.filter(
      ({ session, sentMs, status }) => status === 200 && sentMs > (revokedMs.get(session) ?? Infinity),
    )
    assert.equal(wronglyAllowed.length, 0)
    const wronglyRefused = outcomes.filter(({ session, status }) => status === 401 && kept.includes(session))
    assert.equal(wronglyRefused.length, 0)
    assert.ok(failoverMs < MAX_FAILOVER_MS)
    assert.ok(outcomes.every(({ status }) => [200, 401, 503].includes(status)))
  })

  it('every authz agrees afterwards, and every session that was kept can be refreshed', async () => {
    assert.equal(revokedMs.size, REVOKED)
    for (let authz = 0; authz < scaled.authzCount; authz += 1) {
      const statuses = (of: readonly OpenedSession[]): Promise<number[]> =>
        Promise.all(of.map(({ accessToken }) => scaled.ask(authz, accessToken)))
      assert.deepEqual(new Set(await statuses(toRevoke)), new Set([401]))
      assert.deepEqual(new Set(await statuses(kept)), new Set([200]))
    }
    for (const [index, session] of kept.entries()) {
      assert.equal(await scaled.refresh(index % scaled.consentUiCount, session), 200)
    }
    for (const session of toRevoke) assert.equal(await scaled.refresh(0, session), 400)
    assert.ok(!scaled.lines.some((line) => line.includes('store_rolled_back')))
  })

  function printFigures(failover: {
    readonly killedMs: number
    readonly failoverMs: number
    readonly affected: readonly OpenedSession[]
  }): void {
    const { killedMs, failoverMs, affected } = failover
    const failed = outcomes.filter(({ status }) => status === 503)
    const lastFailedMs = Math.max(killedMs, ...failed.map(({ sentMs }) => sentMs))
    const failedAtKept = failed.filter(({ session }) => affected.includes(session)).length
    const notConfirmed = scaled.lines.filter((line) =>
      line.includes('not confirmed by a Redis replica'),
    ).length
    const lines = [
      `${outcomes.length} checks: ${count(200)} allowed, ${count(401)} refused, ${failed.length} unavailable (${failedAtKept} of the ${affected.length} kept sessions of the lost master)`,
      `a new master after ${Math.round(failoverMs)} ms; the last 503 after ${Math.round(lastFailedMs - killedMs)} ms`,
      `${revokedMs.size} sessions revoked, ${unavailable.revocations} attempts unavailable, ${notConfirmed} not confirmed by a replica`,
      `${refreshes} refreshes, ${unavailable.refreshes} unavailable`,
    ]
    process.stdout.write(lines.map((line) => `      ${line}\n`).join(''))
  }

  function count(status: number): number {
    return outcomes.filter((outcome) => outcome.status === status).length
  }
})
