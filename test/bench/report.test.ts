import assert from 'node:assert/strict'
import { readPlan } from '../../bench/plan.ts'
import { describeResults, medianRatio } from '../../bench/report.ts'
import { ROWS } from '../../bench/rows.ts'
import type { Sample } from '../../bench/sample.ts'

const sample = (changes: Partial<Sample> = {}): Sample => ({
  p50Ms: 1,
  p99Ms: 5,
  perSecond: 1000,
  envoyCpuMs: 200,
  authzCpuMs: 100,
  envoyMiB: 50,
  authzMiB: 100,
  unavailable: 0,
  calls: 1,
  listStreams: 0,
  ...changes,
})

describe('medianRatio', () => {
  it('compares within each round, so that a slow round counts like any other', () => {
    const samples = new Map([
      ['alone', [1, 10, 2].map((p50Ms) => sample({ p50Ms }))],
      ['warm', [2, 20, 6].map((p50Ms) => sample({ p50Ms }))],
    ])
    assert.equal(medianRatio(samples, 'p50Ms', ['warm', 'alone']), 2)
  })
})

describe('describeResults', () => {
  const samples = new Map(ROWS.map(({ id }) => [id, [sample(), sample({ unavailable: 2 })]]))
  samples.set('reference', [sample({ authzCpuMs: 200 }), sample({ authzCpuMs: 200 })])
  samples.set('reference-tuned', [sample({ authzCpuMs: 80 }), sample({ authzCpuMs: 80 })])
  const text = describeResults(samples, readPlan([]), { sessions: 1024, grownMiB: 5 })

  it('has every row twice: absolute, and relative to Envoy alone', () => {
    for (const { title } of ROWS) {
      assert.equal(text.split('\n').filter((line) => line.startsWith(`${title}  `)).length, 2, title)
    }
  })

  it('gives the ratio of authz to the minimal check, and the memory of a session', () => {
    assert.match(text, /to the minimal check: CPU 0\.50/)
    assert.match(text, /V8 option for both: CPU 1\.25/)
    assert.match(text, /5\.0 KiB of resident memory for each/)
  })

  it('prints authz beside the peers, relative to the minimal check', () => {
    assert.match(text, /^authz, warm check +0\.50$/m)
    assert.match(text, /^OPA .* 2\.94$/m)
  })

  it('adds up answers of 503', () => {
    assert.match(text, /^authz, warm  .* 2$/m)
  })
})
