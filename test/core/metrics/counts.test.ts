import assert from 'node:assert/strict'
import { Registry } from '@prometheus-io/client'
import { Counts } from '../../../core/metrics/counts.ts'
import { ScrapedMetrics } from '../../support/scraped-metrics.ts'

describe('Counts', () => {
  const registry = new Registry()
  const counts = new Counts({
    name: 'answers_total',
    help: 'Answers',
    labelNames: ['service', 'outcome'],
    initial: [{ service: 'platform', outcome: 'failed' }],
  })
  counts.registerAt(registry)
  const scrape = async (): Promise<ScrapedMetrics> => new ScrapedMetrics(await registry.metrics())

  it('show a known series as 0 before its first increment', async () => {
    assert.deepEqual((await scrape()).series, ['answers_total{service="platform",outcome="failed"}'])
  })

  it('never decrease, however often they are read', async () => {
    counts.add({ service: 'files', outcome: 'passed' })
    counts.add({ outcome: 'passed', service: 'files' })
    const series = 'answers_total{service="files",outcome="passed"}'
    assert.equal((await scrape()).valueOf(series), 2)
    counts.add({ service: 'files', outcome: 'passed' })
    assert.equal((await scrape()).valueOf(series), 3)
    assert.equal((await scrape()).valueOf(series), 3)
  })
})
