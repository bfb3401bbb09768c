import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { EnvoyAdmin } from '../../deploy/container/envoy-admin.ts'
import { envoyMetrics } from '../../deploy/container/envoy-metrics.ts'
import { ADA } from '../../deploy/demo/people.ts'
import { socketPath } from '../../deploy/local/context/addresses.ts'
import { EXPRESSIONS, type ShownExpression } from '../deploy/observe/expressions.ts'
import { readPromql, type Selector } from '../deploy/observe/promql.ts'
import { documentedMetrics } from '../docs/documented-metrics.ts'
import { beforeAll } from '../support/before-all.ts'
import { ScrapedMetrics } from '../support/scraped-metrics.ts'
import { connectedUser } from './support/connected-user.ts'
import { rawPost } from './support/raw-post.ts'
import { sharedStack } from './support/recorded-stack.ts'

interface Emitted {
  readonly authz: ScrapedMetrics
  readonly 'consent-ui': ScrapedMetrics
  readonly Envoy: ScrapedMetrics
}

describe('The metrics of the running stack, after a connection', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedStack())
  const emitted = beforeAll(async (): Promise<Emitted> => {
    const user = await connectedUser(stack, ADA, 'Read only')
    assert.equal((await user.ask()).status, 200)
    assert.equal((await rawPost(stack.mcpUrl, [])).status, 401)
    stack.service.serve((_request, response) => void response.writeHead(500).end())
    assert.ok((await user.ask()).status >= 500)
    return {
      authz: new ScrapedMetrics(await scrape('authz-metrics')),
      'consent-ui': new ScrapedMetrics(await scrape('consent-ui-metrics')),
      Envoy: new ScrapedMetrics(await envoyMetrics(new EnvoyAdmin(adminSocket())).metrics()),
    }
  })

  async function scrape(name: 'authz-metrics' | 'consent-ui-metrics'): Promise<string> {
    const asked = request({ socketPath: socketPath(stack.context, name), path: '/metrics' })
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    assert.equal(response.statusCode, 200)
    return await text(response)
  }

  const adminSocket = (): string => socketPath(stack.context, 'envoy-admin')

  for (const process of ['authz', 'consent-ui', 'Envoy'] as const) {
    it(`are those that docs/metrics.md lists for ${process}, with type and labels`, () => {
      const families = emitted[process].families.filter(({ name }) => !/^(nodejs|process)_/.test(name))
      const described = ({ name, type, labels }: (typeof families)[number]): string =>
        `${name} ${type} ${[...labels].sort().join()}`
      assert.deepEqual(families.map(described).sort(), documentedMetrics(process).map(described).sort())
    })
  }

  it('include those that docs/metrics.md lists for Node', () => {
    for (const process of ['authz', 'consent-ui'] as const) {
      const names = new Set(emitted[process].families.map(({ name }) => name))
      for (const { name } of documentedMetrics('Node')) assert.ok(names.has(name), `${process}: ${name}`)
    }
  })

  for (const [file, expressions] of Map.groupBy(EXPRESSIONS, ({ file }) => file)) {
    it(`have every name, label and label value that ${file} uses`, () => {
      assert.ok(expressions.length > 0)
      for (const each of expressions) requireShown(each)
    })
  }

  function requireShown({ where, expr, shownLabels }: ShownExpression): void {
    const { selectors, grouped } = readPromql(expr)
    assert.ok(selectors.length > 0, where)
    for (const selector of selectors) requireEmitted(where, selector)
    const labels = selectors.flatMap(({ metric }) => seriesOf(metric).flatMap((series) => [...series.keys()]))
    for (const label of grouped ?? []) assert.ok(labels.includes(label), `${where}: by (${label})`)
    for (const label of shownLabels) assert.ok((grouped ?? labels).includes(label), `${where}: ${label}`)
  }

  /** Series as Prometheus stores them: with the names of job and instance. It makes `up` itself. */
  function seriesOf(metric: string): ReadonlyMap<string, string>[] {
    return (['authz', 'consent-ui', 'Envoy'] as const).flatMap((process) => {
      const job = [
        ['job', `connect-${process.toLowerCase()}`],
        ['instance', '127.0.0.1:9464'],
      ] as const
      const series = metric === 'up' ? [new Map<string, string>()] : emitted[process].labelsOf(metric)
      return series.map((labels) => new Map([...labels, ...job]))
    })
  }

  /** Each value that a matcher names, one by one; `!=` must exclude a value that exists. */
  function requireEmitted(where: string, { metric, matchers }: Selector): void {
    const series = seriesOf(metric)
    assert.ok(series.length > 0, `${where}: ${metric}`)
    for (const { label, operator, value } of matchers) {
      const alternatives = operator.endsWith('~') ? alternativesOf(value) : [literally(value)]
      for (const each of alternatives) {
        const pattern = new RegExp(`^(?:${each})$`)
        const hasOne = series.some((labels) => pattern.test(labels.get(label) ?? ''))
        assert.ok(hasOne, `${where}: ${metric}{${label}${operator}"${value}"}: ${each}`)
      }
    }
  }

  /** `a|b`, also as `x-(a|b)`. */
  function alternativesOf(regex: string): string[] {
    const [, before = '', inside = regex] = /^([\w-]*)\((.+)\)$/.exec(regex) ?? []
    return inside.split('|').map((each) => before + each)
  }

  const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)

  it('count the request by both checks and the list filter, and the one without a credential', () => {
    const decision = (stage: string, verdict: string, reason: string): number | undefined =>
      emitted.authz.valueOf(
        `connect_authz_decisions_total{stage="${stage}",service="platform",verdict="${verdict}",reason="${reason}"}`,
      )
    assert.ok((decision('authenticate', 'allow', 'valid_session') ?? 0) >= 1)
    assert.ok((decision('tool_access', 'allow', 'valid_call') ?? 0) >= 1)
    assert.ok((decision('authenticate', 'deny', 'no_credential') ?? 0) >= 1)
    const filtered = 'connect_authz_list_answers_total{service="platform",outcome="filtered"}'
    assert.ok((emitted.authz.valueOf(filtered) ?? 0) >= 1)
    const rewritten = 'connect_authz_check_duration_seconds_count{stage="list_filter"}'
    assert.ok((emitted.authz.valueOf(rewritten) ?? 0) >= 1)
  })

  it('are not reached by any route', async () => {
    const response = await fetch(`${stack.origin}/metrics`)
    assert.equal(response.status, 404)
    assert.doesNotMatch(await response.text(), /connect_/)
  })
})
