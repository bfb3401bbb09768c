import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { freeStackPorts } from '../../../deploy/local/context/ports.ts'
import { startStack, type Stack } from '../../../deploy/local/stack.ts'
import type { SupervisedProcess } from '../../../deploy/local/supervisor/supervised-process.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { connectedUser, type ConnectedUser } from '../support/connected-user.ts'
import { longestGapMs, printFigures } from '../support/load/figures.ts'
import { startLoadService, type LoadService } from '../support/load/service.ts'
import { tokenExpiringIn } from '../support/load/token.ts'
import { Load, type LoadUser, type Outcome } from '../support/load/load.ts'

const PER_SECOND = 200
const GRACE_SECONDS = 3
/** Of the grace; the last beat before an outage may be more than a second old. */
const KNOWN_PASS_MS = 1000
const MAX_RECOVERY_MS = 5000
/** So many answers in a row as ever, to all who may pass, and a part counts as recovered: a quarter of a second. */
const IN_A_ROW = 25
/** While nothing is wrong, or nothing that concerns them. A machine that is busy with something else may be late. */
const MIN_SHARE_ANSWERED = 0.8

const CHANGE = { method: 'tools/call', params: { name: 'package_create', arguments: {} } }
const READ = { method: 'tools/call', params: { name: 'package_browse', arguments: {} } }
const LIST = { method: 'tools/list', params: {} }

/** Users with valid sessions. */
const MAY_PASS = ['full', 'reader', 'reader-listing']
/** Users who are always refused, and how. */
const MAY_NOT = { revoked: 401, expired: 401, stranger: 401, 'reader-changing': 200 } as const
const LEAVER = 'leaver'

/** Envoy's answer for a service or process that is down. */
const OUR_OWN_TROUBLE = [502, 503, 504]
const OUR_OWN_TROUBLE_ALONE = [503]

const mayPass = ({ user }: Outcome): boolean => MAY_PASS.includes(user)

describe(`The failure contract under ${PER_SECOND} requests a second`, function () {
  this.timeout(60_000)
  let stack: Stack
  let service: LoadService
  let leaver: ConnectedUser
  let load: Load
  let afterRevocation = Infinity
  const recoveries = new Map<string, number>()

  before(async () => {
    const keptFolder = await mkdtemp(join(tmpdir(), 'connect-kept-'))
    closeAfterAll(() => rm(keptFolder, { recursive: true }))
    service = await startLoadService()
    const started = await startStack({
      ports: await freeStackPorts(),
      service: service.url,
      changes: { authz: { STORE_OUTAGE_GRACE_SECONDS: String(GRACE_SECONDS) } },
      keptFolder,
      write: () => undefined,
    })
    closeAfterAll(() => started.stop())
    stack = started
    const full = await connectedUser(stack, ADA, 'Read and change')
    const reader = await connectedUser(stack, GRACE, 'Read only')
    const revoked = await connectedUser(stack, ADA, 'Read and change')
    leaver = await connectedUser(stack, GRACE, 'Read and change')
    assert.equal(await revoked.revoke(), 200)
    const users: LoadUser[] = [
      { name: 'full', token: full.accessToken, ...CHANGE },
      { name: 'reader', token: reader.accessToken, ...READ },
      { name: 'reader-listing', token: reader.accessToken, ...LIST },
      { name: 'reader-changing', token: reader.accessToken, ...CHANGE },
      { name: 'revoked', token: revoked.accessToken, ...CHANGE },
      { name: 'expired', token: await tokenExpiringIn(stack, full.accessToken, -1), ...CHANGE },
      { name: 'stranger', ...CHANGE },
      { name: LEAVER, token: leaver.accessToken, ...CHANGE },
    ]
    load = new Load(stack.mcpUrl, users, PER_SECOND)
  })

  const outcomesOf = (phase: string): Outcome[] => load.outcomes.filter((outcome) => outcome.phase === phase)

  /** Whether nearly all valid requests are answered. */
  function assertAnswered(outcomes: readonly Outcome[]): void {
    const passing = outcomes.filter(mayPass)
    const answered = passing.filter(({ status }) => status === 200)
    assert.ok(
      answered.length > MIN_SHARE_ANSWERED * passing.length,
      `${answered.length} of ${passing.length}`,
    )
  }

  /** Waits until every valid user is answered many times in a row; returns the time. */
  async function recovered(phase: string): Promise<void> {
    const returnedMs = performance.now()
    let inARow = 0
    let firstMs = 0
    while (inARow < IN_A_ROW) {
      const { status, sentMs, endedMs } = await load.next(mayPass)
      if (sentMs < returnedMs) continue
      if (status !== 200) inARow = 0
      else if ((inARow += 1) === 1) firstMs = endedMs
      assert.ok(performance.now() - returnedMs < 2 * MAX_RECOVERY_MS, 'does not recover')
    }
    const recoveryMs = firstMs - returnedMs
    recoveries.set(phase, recoveryMs)
    assert.ok(recoveryMs < MAX_RECOVERY_MS, `${recoveryMs} ms`)
  }

  async function outage(
    phase: string,
    { begin, end, requests }: { begin: () => unknown; end: () => unknown; requests: number },
  ): Promise<void> {
    load.phase = phase
    await begin()
    try {
      await load.requests(requests)
    } finally {
      await end()
    }
    await recovered(phase)
  }

  const hangs = (process: SupervisedProcess) => ({
    begin: () => process.pause(),
    end: () => process.resume(),
  })
  const isKilled = (process: SupervisedProcess) => ({
    begin: () => process.kill(),
    end: () => process.start(),
  })

  it('allows valid sessions while every process works, and refuses the others with their reason', async () => {
    load.phase = 'every part works'
    await load.requests(2 * PER_SECOND)
    const outcomes = outcomesOf(load.phase)
    assertAnswered(outcomes)
    for (const name of Object.keys(MAY_NOT)) {
      const theirs = outcomes.filter(({ user }) => user === name)
      assert.ok(theirs.some(isRefused), name)
    }
  })

  it('revokes: the revoked session is refused from the next request on', async () => {
    load.phase = 'one is revoked'
    assert.equal(await leaver.revoke(), 200)
    afterRevocation = load.sent
    await load.requests(PER_SECOND / 2)
    const after = outcomesOf(load.phase).filter(({ user, id }) => user === LEAVER && id >= afterRevocation)
    assert.ok(after.some(isRefused))
    assert.ok(!after.some(({ status }) => status === 200))
  })

  for (const [how, away] of Object.entries({ hangs, 'is killed': isKilled })) {
    it(`authz ${how}: every request is refused, and valid sessions are allowed once it is back`, async () => {
      const phase = `authz ${how}`
      await outage(phase, { ...away(stack.process('authz')), requests: PER_SECOND })
      assert.ok(outcomesOf(phase).some((outcome) => mayPass(outcome) && outcome.status === 503))
      const gap = longestGapMs(load.outcomes.filter(mayPass), phase)
      assert.ok(gap > 500, `it was away, ${gap} ms long`)
    })

    it(`the service ${how}: every request is refused, and valid sessions are allowed once it is back`, async () => {
      const phase = `the service ${how}`
      await outage(phase, { ...away(service.process), requests: PER_SECOND / 2 })
    })

    for (const name of ['consent-ui', 'registry'] as const) {
      it(`${name} ${how}: sessions in use are not affected`, async () => {
        const phase = `${name} ${how}`
        await outage(phase, { ...away(stack.process(name)), requests: PER_SECOND / 2 })
        assertAnswered(outcomesOf(phase))
      })
    }

    it(`Redis ${how}: sessions in memory are allowed for the grace, then none, and again once it is back`, async () => {
      const phase = `the store ${how}`
      const requests = (GRACE_SECONDS + 1) * PER_SECOND
      await outage(phase, { ...away(stack.process('valkey')), requests })
      const [first] = outcomesOf(phase)
      const sinceMs = first?.sentMs ?? 0
      const within = outcomesOf(phase).filter(({ sentMs }) => sentMs < sinceMs + KNOWN_PASS_MS)
      assertAnswered(within.filter(({ user }) => user === 'full'))
      assert.ok(outcomesOf(phase).some((outcome) => mayPass(outcome) && outcome.status === 503))
    })
  }

  it('never allows an invalid session, and never answers 401 to a valid one', async () => {
    load.phase = 'at the end'
    await load.requests(PER_SECOND / 2)
    await load.end()
    printFigures(load, recoveries, mayPass)
    assertAnswered(outcomesOf('at the end'))
    assert.equal(load.dropped, 0)

    const wrong = load.outcomes.filter((outcome) => {
      const { user, id, status } = outcome
      if (mayPass(outcome)) return !isAnswered(outcome) && !OUR_OWN_TROUBLE.includes(status)
      const isOnTheirWay = user === LEAVER && id < afterRevocation
      const isTold = isRefused(outcome) || OUR_OWN_TROUBLE_ALONE.includes(status)
      return !isTold && !(isOnTheirWay && isAnswered(outcome))
    })
    assert.deepEqual(wrong.slice(0, 3), [])
  })

  it('sends the service only allowed requests, each with its own user’s credential', async () => {
    const received = await service.received()
    const allowed = new Set([...MAY_PASS, LEAVER])
    const wrongly = received.filter(
      ({ user, id }) => !allowed.has(user) || (user === LEAVER && id >= afterRevocation),
    )
    assert.deepEqual(wrongly.slice(0, 3), [])
    const credentials = new Map<string, Set<string>>()
    for (const { user, credential } of received) {
      const [session = ''] = user.split('-')
      credentials.set(session, (credentials.get(session) ?? new Set()).add(credential))
    }
    assert.deepEqual([...credentials.keys()].sort(), ['full', LEAVER, 'reader'])
    const all = [...credentials.values()].flatMap((of) => [...of])
    assert.equal(all.length, 3, 'one for each session, and no other')
    assert.equal(new Set(all).size, 3)
  })
})

/** The service's answer, which must belong to this request. */
function isAnswered({ id, status, answeredId, refused }: Outcome): boolean {
  return status === 200 && answeredId === id && refused === false
}

/** The answer of authz; the service gets no request. */
function isRefused({ user, status, refused }: Outcome): boolean {
  const expected = user === LEAVER ? 401 : (MAY_NOT as Readonly<Record<string, number>>)[user]
  return status === expected && refused !== false
}
