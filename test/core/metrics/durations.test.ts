import assert from 'node:assert/strict'
import { Histogram, Registry } from '@prometheus-io/client'
import fc from 'fast-check'
import { Durations } from '../../../core/metrics/durations.ts'

const DESCRIPTION = {
  name: 'check_duration_seconds',
  help: 'Time of a check',
  labelNames: ['stage'] as const,
  buckets: [0.001, 0.01, 0.1],
}
const observations = fc.array(
  fc.record({
    stage: fc.constantFrom('authenticate', 'tool_access'),
    seconds: fc.oneof(fc.constantFrom(0, 0.001, 0.01, 0.1), fc.double({ min: 0, max: 1, noNaN: true })),
  }),
)

describe('Durations', () => {
  it("are written as the client's own histogram writes them", async () => {
    await fc.assert(
      fc.asyncProperty(observations, async (observed) => {
        const [ours, theirs] = [new Registry(), new Registry()]
        const durations = new Durations(DESCRIPTION)
        durations.registerAt(ours)
        const histogram = new Histogram({ ...DESCRIPTION, registers: [theirs] })
        for (const { stage, seconds } of observed) {
          durations.observe({ stage }, seconds)
          histogram.observe({ stage }, seconds)
        }
        assert.deepEqual(linesOf(await ours.metrics()), linesOf(await theirs.metrics()))
      }),
    )
  })

  it('show series that were not observed yet', async () => {
    const registry = new Registry()
    new Durations({ ...DESCRIPTION, initial: [{ stage: 'list_filter' }] }).registerAt(registry)
    const lines = linesOf(await registry.metrics())
    assert.ok(lines.includes('check_duration_seconds_count{stage="list_filter"} 0'), lines.join('\n'))
  })
})

function linesOf(text: string): string[] {
  return text.split('\n')
}
