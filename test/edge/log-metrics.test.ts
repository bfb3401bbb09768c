import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { Outages } from '../../authz/registry/outages.ts'
import { RecordAlarms } from '../../consent-ui/metrics/record-alarms.ts'
import { ReplayAlarms, type Replay } from '../../consent-ui/metrics/replay-alarms.ts'
import { createLog, type Log } from '../../core/log/log.ts'
import { connectRedis } from '../../core/store/redis.ts'
import { CONNECT_TEMPLATE } from '../deploy/aws/support/connect-template.ts'
import { evaluate } from '../deploy/aws/support/evaluate.ts'
import { parseFilterPattern } from '../deploy/aws/support/filter-pattern.ts'
import { logMetricsOf } from '../deploy/aws/support/metrics.ts'
import { PARAMETER_SETS } from '../deploy/aws/support/parameter-sets.ts'
import { beforeAll } from '../support/before-all.ts'
import { until } from '../support/until.ts'
import { adaAtTheEdge, edgeStack } from './support/edge-stack.ts'
import { http1 } from './support/http1.ts'
import { loneEnvoy } from './support/lone-envoy.ts'

const SERVICE_PATH = '/mcp/platform/mcp'
const METRICS = logMetricsOf(evaluate(CONNECT_TEMPLATE, PARAMETER_SETS.minimal))

/** Log lines by the metric that counts them. */
type Lines = Readonly<Record<string, readonly string[]>>

function linesOf(service: string, write: (log: Log) => void): string[] {
  const lines: string[] = []
  write(createLog(service, 'info', { write: (line) => void lines.push(line) }))
  return lines
}

/** The text of a log call in a source file: what is variable in it is written as `x`. */
function messageIn(file: string, text: string): string {
  const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  const message = [...source.matchAll(/'([^'\n]*)'|`([^`\n]*)`/g)]
    .map(([, plain, filled]) => (plain ?? filled ?? '').replaceAll(/\$\{[^}]*\}/g, 'x'))
    .find((literal) => literal.includes(text))
  assert.ok(message !== undefined, `${file} has no text with "${text}"`)
  return message
}

function written(service: string, file: string, text: string): string[] {
  return linesOf(service, (log) => log.warn(messageIn(file, text)))
}

function alarmOf(file: string, alarm: string): string[] {
  assert.match(
    readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'),
    new RegExp(`alarm: '${alarm}'`),
  )
  return linesOf('consent-ui', (log) => log.error({ alarm }, 'an alarm'))
}

async function storeFailure(): Promise<string[]> {
  const lines: string[] = []
  const log = createLog('authz', 'info', { write: (line) => void lines.push(line) })
  const redis = connectRedis('unix:/nowhere/store.sock', log)
  await once(redis, 'error')
  redis.disconnect()
  return lines
}

/** Envoy without authz. */
async function unansweredCheck(): Promise<string[]> {
  const { origin, host, lines } = await loneEnvoy([])
  await http1(origin, { target: SERVICE_PATH, method: 'POST', lines: [`Host: ${host}`] })
  await until(() => lines.some((line) => line.includes(SERVICE_PATH)), 'the access log')
  return lines.filter((line) => line.includes(SERVICE_PATH))
}

/** Of the whole stack: a request without a token, and a user who approved. */
async function linesOfTheStack(): Promise<{ refused: string[]; approved: string[] }> {
  const stack = await edgeStack()
  await adaAtTheEdge()
  await fetch(new URL(SERVICE_PATH, stack.origin), { method: 'POST' })
  const find = (part: string, text: string): string[] =>
    stack.lines
      .filter((line) => line.startsWith(`${part} {`) && line.includes(text))
      .map((line) => line.slice(part.length + 1))
  await until(() => find('envoy', 'ext_authz_denied').length > 0, 'the access log')
  return {
    refused: find('envoy', 'ext_authz_denied'),
    approved: find('consent-ui', 'authorization request answered'),
  }
}

const person = { name: 'ada@example.com' }
const replayed = (replay: Replay): string[] =>
  linesOf('consent-ui', (log) =>
    new ReplayAlarms(log).raise(replay, { clientName: 'Claude', person } as never),
  )

async function allLines(): Promise<Lines> {
  const { refused, approved } = await linesOfTheStack()
  return {
    ChecksUnanswered: await unansweredCheck(),
    ChecksFailed: [
      ...written('authz', 'authz/audit/decision-log.ts', 'authorization check failed'),
      ...written('authz', 'authz/audit/decision-log.ts', 'tool call check failed'),
    ],
    Refusals: refused,
    Approvals: approved,
    StoreFailures: [
      ...(await storeFailure()),
      ...written('authz', 'authz/sessions/change-listener.ts', 'redis: subscription lost'),
    ],
    RegistryFailures: linesOf('authz', (log) => new Outages(log, 'users pass').failed(new Error('refused'))),
    StolenTokens: [
      ...replayed('stolen_refresh_token'),
      ...replayed('contested_refresh_token'),
      ...replayed('code'),
    ],
    ChangedRecords: linesOf('consent-ui', (log) => new RecordAlarms(log).raise('transaction')),
    StoreRollbacks: alarmOf('core/store/rollback-guard.ts', 'store_rolled_back'),
    FloodAlarms: [
      ...alarmOf('consent-ui/limits/limits.ts', 'client_limit'),
      ...alarmOf('consent-ui/limits/limits.ts', 'open_transactions'),
    ],
    MissingSigningKeys: written('authz', 'authz/tokens/unknown-signers.ts', 'signing key missing'),
    UnconfirmedRevocations: [
      ...written('consent-ui', 'consent-ui/sessions/session-ender.ts', 'not confirmed by a Redis replica'),
      ...written('consent-ui', 'consent-ui/sessions/session-ender.ts', 'not acknowledged by every authz'),
    ],
  }
}

describe('The metric filters of the CloudFormation template', function () {
  this.timeout(60_000)

  const lines = beforeAll(allLines)

  for (const { name, pattern } of METRICS) {
    it(`count ${name} in the lines that Envoy, authz and consent-ui write, and in no other`, () => {
      const counts = parseFilterPattern(pattern)
      const own = lines[name] ?? []
      assert.ok(own.length > 0)
      for (const line of own) assert.ok(counts(line), line)
      const others = Object.values(lines)
        .flat()
        .filter((line) => !own.includes(line))
      for (const line of others) assert.ok(!counts(line), line)
    })
  }

  it('do not count a refresh token that was only sent twice as stolen', () => {
    const { pattern = '' } = METRICS.find(({ name }) => name === 'StolenTokens') ?? {}
    for (const line of replayed('refresh_token')) assert.ok(!parseFilterPattern(pattern)(line))
  })
})
