import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { readLimitSettings } from '../../consent-ui/config/limit-settings.ts'
import { INPUTS, type Input } from './inputs.ts'

/** Work that grows with the square of its input takes a hundred times as long for ten times as much. */
const MAX_GROWTH = 30
/** What a machine that does other things adds to a measurement. */
const NOISE_MS = 0.3
const RUNS = 7

/** Cells of the rows of the table under a heading. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const text = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8')
  const [, section = ''] = text.split(`## ${heading}\n`)
  const lines = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'))
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', ''))
      .slice(1, -1),
  )
}

/** The least processor time of several runs, in milliseconds. */
function costOf(work: () => unknown): number {
  const costs = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  })
  return Math.min(...costs)
}

describe('docs/limits.md', () => {
  const inputs = rowsUnder('What one request may bring')
  const settings = rowsUnder('How often')

  it('has every input that is measured here, and no other', () => {
    assert.deepEqual(inputs.map(([name]) => name).sort(), Object.keys(INPUTS).sort())
  })

  it('has every RATE_LIMIT_ setting with its default, and no other', () => {
    const limits = readLimitSettings({})
    const expected = Object.entries(limits).map(([name, limit]) => {
      const variable = `RATE_LIMIT_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`
      return [variable, `${limit?.points}/${limit?.seconds}`]
    })
    assert.deepEqual(settings.map(([name, value]) => [name, value]).sort(), expected.sort())
  })

  for (const [name, bound = ''] of inputs) {
    const input: Input | undefined = name === undefined ? undefined : INPUTS[name]
    it(`says the bound of the code: ${name}`, () => {
      const numbers = bound.replaceAll(',', '').split(/\s+/)
      for (const value of input?.bound ?? []) assert.ok(numbers.includes(String(value)), `${value}: ${bound}`)
    })

    it(`is true that ten times as much takes no more than its share longer: ${name}`, () => {
      assert.ok(input !== undefined)
      const [once, tenfold] = [costOf(input.work(input.size)), costOf(input.work(10 * input.size))]
      const max = (input.maxGrowth ?? MAX_GROWTH) * once + NOISE_MS
      assert.ok(tenfold <= max, `${once} ms for ${input.size}, ${tenfold} ms for ten times as much`)
    })
  }
})
