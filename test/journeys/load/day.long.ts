import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import process from 'node:process'
import { queryObjects } from 'node:v8'
import { CachedSession } from '../../../authz/sessions/cached-session.ts'
import type { Store } from '../../../core/store/redis.ts'
import type { Access } from '../../../core/sessions/session.ts'
import { asEnvoySends, CONTEXT, question, type Question } from '../../authz/support/envoy.ts'
import { startGate } from '../../authz/support/gate.ts'
import { heapInUse } from '../../authz/support/heap.ts'
import { until } from '../../support/until.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { Day } from '../support/load/day.ts'
import { beforeAll } from '../../support/before-all.ts'

const HOURS = 24
/** By then authz remembers as much as it ever will, and every function was compiled. */
const WARM_HOURS = 6
const STEPS_PER_HOUR = 2
const REQUESTS_PER_STEP = 350
const AT_ONCE = 40
/** Of each hundred: who is told that a session is over, who shows no token at all or nothing that is one. */
const OVER_OF_100 = 4
const STRANGERS_OF_100 = 4
/** The others ask authz without the wire between, which takes a part of the time. */
const OVER_GRPC_OF_100 = 5
/** A machine that is busy with something else may keep the store from answering in time. */
const MAX_UNAVAILABLE_PERCENT = 5
const WAITING = { isGone: false }

const AT_FIRST = 150
const OPENED_PER_STEP = 12
const REVOKED_PER_STEP = 3
/** Fewer than were opened by the time that counts as warm. */
const HELD_SESSIONS = 250

/** In 18 hours and 12,600 requests: what stays of each is less than 120 bytes. */
const MAX_GROWTH_BYTES = 1_500_000

describe('A day of use', function () {
  this.timeout(180_000)
  let checks = 0
  let unavailable = 0

  const gate = beforeAll(
    async () => await startGate(await startValkey(), { heartbeatIntervalMs: 20, maxSessions: HELD_SESSIONS }),
  )
  const day = beforeAll(() => new Day(gate))

  before(async () => {
    await day.open(AT_FIRST)
  })

  /** One request, whose answer must fit its session. */
  async function check(): Promise<void> {
    checks += 1
    const kind = randomInt(100)
    const over = day.over[randomInt(Math.max(1, day.over.length))]
    const held = day.held[randomInt(day.held.length)]
    assert.ok(held !== undefined)
    const { session, credential } = held.opening
    const shown = { credential: `Bearer ${credential.token}`, access: session.access }
    if (kind < STRANGERS_OF_100) await ask(`no.token.${checks}`, 401)
    else if (kind < STRANGERS_OF_100 + OVER_OF_100 && over !== undefined) await ask(over, 401)
    else if (kind >= 100 - OVER_GRPC_OF_100) await askOverGrpc(held.token, shown.credential)
    else await ask(held.token, 200, shown)
  }

  async function ask(
    token: string,
    expected: 200 | 401,
    shown?: { readonly credential: string; readonly access: Access },
  ): Promise<void> {
    const response = await gate.stages.authenticate(
      asEnvoySends(question({ authorization: `Bearer ${token}` })),
      WAITING,
    )
    if ('error_response' in response) {
      unavailable += 1
      return
    }
    const refused = 'denied_response' in response
    assert.equal(refused ? response.denied_response.status.code : 200, expected)
    if (refused || shown === undefined) return
    const [swapped] = response.ok_response.headers.filter(({ header }) => header.key === 'authorization')
    assert.equal(swapped?.header.value, shown.credential)
    if (shown.access === 'read') await askForTool(response.dynamic_metadata)
  }

  /** A tool_access check of a call that reads, or of one that changes something. */
  async function askForTool(findings: object): Promise<void> {
    const reads = checks % 2 === 0
    const asked = asEnvoySends(toolQuestion(findings, reads ? 'package_browse' : 'package_create'))
    const response = await gate.stages.toolAccess(asked, WAITING)
    checks += 1
    if ('error_response' in response) unavailable += 1
    else assert.equal('ok_response' in response, reads)
  }

  async function askOverGrpc(token: string, credential: string): Promise<void> {
    const answer = await gate.envoy.present(token)
    if (answer.kind === 'error_response') unavailable += 1
    else assert.deepEqual([answer.code, answer.headers.get('authorization')], [0, credential])
  }

  async function halfAnHour(): Promise<void> {
    day.passHalfAnHour()
    await until(() => gate.changes.isLive, 'a beat of this hour')
    await day.refresh()
    await day.open(OPENED_PER_STEP)
    await day.revoke(REVOKED_PER_STEP)
    let left = REQUESTS_PER_STEP
    const askOn = async (): Promise<void> => {
      while ((left -= 1) >= 0) await check()
    }
    await Promise.all(Array.from({ length: AT_ONCE }, askOn))
    gate.lines.length = 0
    gate.registry.requests.length = 0
    day.over.splice(0, day.over.length - 100)
  }

  async function work(hours: number): Promise<void> {
    for (let step = 0; step < hours * STEPS_PER_HOUR; step += 1) await halfAnHour()
  }

  it('uses no more memory, handles or keys at its end than in its sixth hour', async () => {
    const heldBefore = queryObjects(CachedSession, { format: 'count' })
    await work(WARM_HOURS)
    const [heapBefore, handlesBefore] = [heapInUse(), handles()]
    const begunMs = performance.now()
    await work(HOURS - WARM_HOURS)
    const seconds = (performance.now() - begunMs) / 1000
    const [heap, handlesAfter] = [heapInUse(), handles()]
    const keys = await keysWithLife(gate.redis)

    const { opened, revoked, expired, rotated, renewed } = day.counts
    tell(
      `${HOURS} hours, ${checks} checks, ${unavailable} of them 503 (the last ${HOURS - WARM_HOURS} h in ${seconds.toFixed(1)} s)`,
    )
    tell(
      `sessions: ${opened} opened, ${revoked} revoked, ${expired} expired; ` +
        `${rotated} refreshes, ${renewed} credentials renewed`,
    )
    tell(`heap in hour ${WARM_HOURS}: ${mib(heapBefore)} MiB, in hour ${HOURS}: ${mib(heap)} MiB`)
    tell(`handles: ${handlesBefore.length}, then ${handlesAfter.length}; keys in the store: ${keys.size}`)

    assert.ok(checks > 20_000)
    assert.ok(unavailable < (checks * MAX_UNAVAILABLE_PERCENT) / 100)
    assert.ok(Math.min(opened, revoked, expired, rotated, renewed) > 100, 'each of them happened')
    assert.ok(heap - heapBefore < MAX_GROWTH_BYTES, `${heap - heapBefore} bytes more`)
    assert.ok(
      queryObjects(CachedSession, { format: 'count' }) - heldBefore <= HELD_SESSIONS,
      'no session is held beside the bound',
    )
    assert.deepEqual(handlesAfter, handlesBefore)
    assert.deepEqual(
      [...keys].filter(([, seconds]) => seconds < 0),
      [],
      'each key has a life',
    )
  })
})

function toolQuestion(findings: object, tool: string): Question {
  const call = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: tool, arguments: {} } }
  const body = Buffer.from(JSON.stringify(call))
  const headers = { 'content-type': 'application/json', 'x-envoy-auth-partial-body': 'false' }
  return {
    attributes: {
      request: { http: { method: 'POST', size: body.length, raw_body: body, headers } },
      context_extensions: CONTEXT,
      metadata_context: { filter_metadata: { 'envoy.filters.http.ext_authz': findings } },
    },
  }
}

/** What keeps this process busy, but for the sockets to the Registry, which come and go. */
function handles(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((type) => type.includes('Server') || type.includes('Pipe') || type === 'ProcessWrap')
    .sort()
}

/** Every key with the seconds that it has left; below 0 where it has no end. */
async function keysWithLife(redis: Store): Promise<Map<string, number>> {
  const keys = await redis.keys('*')
  return new Map(await Promise.all(keys.map(async (key) => [key, await redis.ttl(key)] as const)))
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(2)
}

function tell(line: string): void {
  process.stdout.write(`      ${line}\n`)
}
