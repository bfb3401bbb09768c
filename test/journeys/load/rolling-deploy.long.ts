import assert from 'node:assert/strict'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { auth } from '@modelcontextprotocol/sdk/client/auth.js'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { ADA, GRACE, type DemoPerson } from '../../../deploy/demo/people.ts'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { listenOnFreePort } from '../../support/free-port.ts'
import { HttpBrowser, type Page } from '../../support/http-browser.ts'
import { until } from '../../support/until.ts'
import { startLoadBalancer, type LoadBalancer } from '../support/load-balancer.ts'
import { Load } from '../support/load/load.ts'
import { mcpUser, type McpUser } from '../support/mcp-user.ts'
import { numberedEvents } from '../support/services/numbered-events.ts'
import { startTaskSet, type Task, type TaskSet } from '../support/tasks.ts'

const PER_SECOND = 150
/** In production 15 and 100. */
const NOTICE_SECONDS = 2
const DRAIN_SECONDS = 3
const STREAMS = 4
/** Of envoy.yaml: on a machine that is busy with something else, authz may need longer. */
const AUTHZ_TIMEOUT_MICROSECONDS = 500_000
const CALL_MS = 200
/** Calls of the official client between two refreshes. */
const REFRESH_EVERY = 5
const CALL = { name: 'run', arguments: {} }

/** A user at the consent page. */
interface AtConsent {
  readonly user: McpUser
  readonly browser: HttpBrowser
  readonly page: Page
}

describe(`A rolling deploy under ${PER_SECOND} requests a second`, function () {
  this.timeout(120_000)
  const events = numberedEvents()
  let balancer: LoadBalancer
  let tasks: TaskSet
  let first: Task
  let second: Task
  let load: Load
  const streams: { readonly user: McpUser; readonly received: number[] }[] = []

  before(async () => {
    const service = await listenOnFreePort(events.listener)
    const [port = 0] = await freePorts(1)
    balancer = await startLoadBalancer(port)
    tasks = await startTaskSet({
      serviceUrl: new URL(`${service.origin}/mcp`),
      port,
      envoy: {
        ENVOY_DRAIN_NOTICE_SECONDS: String(NOTICE_SECONDS),
        ENVOY_DRAIN_SECONDS: String(DRAIN_SECONDS),
      },
    })

    ;[first, second] = await Promise.all([tasks.startTask(), tasks.startTask()])
    await Promise.all([first, second].map((task) => balancer.register(task)))
    for (let count = 0; count < STREAMS; count += 1) streams.push(await listen())
    const users = await Promise.all(
      [ADA, GRACE].map(async (person) => ({
        name: person.email,
        token: tokenOf(await approve(await atConsent(person))),
        method: 'tools/call',
        params: CALL,
      })),
    )
    load = new Load(tasks.mcpUrl, users, PER_SECOND)
  })

  async function atConsent(person: DemoPerson): Promise<AtConsent> {
    const user = await mcpUser(tasks.mcpUrl)
    const browser = new HttpBrowser(tasks.origins)
    const { email, password } = person
    const page = await browser.press(await browser.open((await user.begin()).href), 'Sign in', {
      email,
      password,
    })
    return { user, browser, page }
  }

  /** The user continues, and the client gets its tokens. It forgets that it wanted a browser. */
  async function approve({ user, browser, page }: AtConsent): Promise<McpUser> {
    const { url } = await browser.press(page, 'Continue', { access: 'full' })
    await user.redeem(new URL(url).searchParams)
    user.memory.authorizationUrl = undefined
    return user
  }

  const tokenOf = ({ memory }: McpUser): string => memory.tokens()?.access_token ?? ''

  /** An official client that listens to events. */
  async function listen() {
    const user = await approve(await atConsent(ADA))
    const client = await user.connect()
    const received: number[] = []
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
      received.push(Number(params.data))
    })
    await until(() => received.length > 0, 'the first event')
    return { user, received }
  }

  /** An official client that calls a tool again and again, and refreshes now and then. */
  async function refreshing() {
    const user = await approve(await atConsent(GRACE))
    const client: Client = await user.connect()
    const stopping = new AbortController()
    const failures: string[] = []
    let [calls, refreshes] = [0, 0]
    const ended = (async () => {
      while (!stopping.signal.aborted) {
        await client.callTool(CALL).catch((error: unknown) => failures.push(String(error)))
        calls += 1
        if (calls % REFRESH_EVERY === 0) {
          const before = tokenOf(user)
          assert.equal(await auth(user.memory, { serverUrl: tasks.mcpUrl }), 'AUTHORIZED')
          assert.notEqual(tokenOf(user), before)
          refreshes += 1
        }
        await setTimeout(CALL_MS)
      }
    })()
    // Awaited at the end.
    ended.catch(() => undefined)
    return {
      user,
      async stop() {
        stopping.abort()
        await ended
        return { calls, refreshes, failures }
      },
    }
  }

  /** A new task takes requests, then the old one drains and stops. */
  async function replace(old: Task, { isDeregistered }: { isDeregistered: boolean }): Promise<void> {
    await balancer.register(await tasks.startTask())
    if (isDeregistered) balancer.deregister(old)
    await Promise.all([old.stop(), isDeregistered ? undefined : balancer.takenOut(old)])
    balancer.deregister(old)
  }

  it('fails no request, resumes streams, and loses no login', async () => {
    const waiting = await atConsent(ADA)
    const client = await refreshing()
    await load.requests(PER_SECOND)
    load.phase = 'the first is deregistered and stops'
    await replace(first, { isDeregistered: true })
    load.phase = 'the second stops, and the balancer finds out'
    const during = atConsent(GRACE).then(approve)
    await replace(second, { isDeregistered: false })
    load.phase = 'both are new'
    await load.requests(PER_SECOND)
    for (const user of [await during, await approve(waiting)]) await (await user.connect()).callTool(CALL)
    const { calls, refreshes, failures } = await client.stop()
    await load.end()

    const failed = load.outcomes.filter(({ status, id, answeredId }) => status !== 200 || id !== answeredId)
    const seconds = ((load.outcomes.at(-1)?.endedMs ?? 0) - (load.outcomes[0]?.sentMs ?? 0)) / 1000
    const late = tasks.lines.filter(isLate).length
    const figures = [
      `${load.sent} requests in ${seconds.toFixed(1)} s, ${failed.length} failed, ${late} of them as authz was late`,
      `${calls} calls of an official client, ${failures.length} failed, which refreshed ${refreshes} times`,
      `${events.resumed.length} streams cut and resumed, ${streams.map(({ received }) => received.length).join(', ')} events`,
    ]
    process.stdout.write(figures.map((line) => `      ${line}\n`).join(''))
    assert.deepEqual([failed.slice(0, 3), failures], [[], []])
    assert.deepEqual(balancer.failures, [])
    assert.equal(load.dropped, 0)
    assert.ok(refreshes >= 3, `${refreshes} refreshes`)
    assert.equal(client.user.memory.authorizationUrl, undefined)
  })

  it('sends each event of a stream once, across both deploys', async () => {
    for (const { user, received } of streams) {
      const [begin = 0] = received
      const before = received.length
      await until(() => received.length > before, 'another event')
      assert.deepEqual(
        received,
        received.map((_number, index) => begin + index),
      )
      assert.equal(user.memory.authorizationUrl, undefined)
    }
    assert.ok(events.resumed.length >= STREAMS, `${events.resumed.length} resumed`)
  })
})

/** True for an access log line of a request for which Envoy waited its 500 ms for authz. */
function isLate(line: string): boolean {
  const [, microseconds = '0'] = /"authz_microseconds":"(\d+)".*"details":"ext_authz_error"/.exec(line) ?? []
  return Number(microseconds) >= AUTHZ_TIMEOUT_MICROSECONDS
}
