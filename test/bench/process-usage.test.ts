import assert from 'node:assert/strict'
import process from 'node:process'
import { readUsage, usageOf } from '../../bench/lab/process-usage.ts'

describe('readUsage', () => {
  it('adds up the processor time of all threads', () => {
    const status = 'Name:\ta\nVmRSS:\t  2048 kB\n'
    assert.deepEqual(readUsage(['1500000 7 3\n', '500000 9 1\n'], status), { cpuMs: 2, rssMiB: 2 })
  })

  it('throws for texts that are not of /proc', () => {
    assert.throws(() => readUsage([], 'VmRSS:\t 1 kB\n'), TypeError)
    assert.throws(() => readUsage(['1 2 3'], ''), TypeError)
    assert.throws(() => readUsage([''], 'VmRSS:\t 1 kB\n'), TypeError)
  })
})

describe('usageOf', () => {
  it('agrees with Node for this process', () => {
    const { user, system } = process.cpuUsage()
    const { cpuMs, rssMiB } = usageOf(process.pid)
    assert.ok(Math.abs(cpuMs - (user + system) / 1000) < 200)
    assert.ok(Math.abs(rssMiB / (process.memoryUsage.rss() / 2 ** 20) - 1) < 0.2)
  })
})
