import assert from 'node:assert/strict'
import process from 'node:process'
import { readUsage, usageOf } from '../../bench/lab/process-usage.ts'

describe('readUsage', () => {
  it('adds up processor time in user and kernel mode, whatever the name of the process', () => {
    const stat = `1 (a) b (c)) S ${Array.from({ length: 10 }, () => 0).join(' ')} 150 50 0 0`
    assert.deepEqual(readUsage(stat, 'Name:\ta\nVmRSS:\t  2048 kB\n'), { cpuMs: 2000, rssMiB: 2 })
  })

  it('says so where no process was read', () => assert.throws(() => readUsage('', ''), TypeError))
})

describe('usageOf', () => {
  it('says of this process what Node says', () => {
    const { user, system } = process.cpuUsage()
    const { cpuMs, rssMiB } = usageOf(process.pid)
    assert.ok(Math.abs(cpuMs - (user + system) / 1000) < 200)
    assert.ok(Math.abs(rssMiB / (process.memoryUsage.rss() / 2 ** 20) - 1) < 0.2)
  })
})
