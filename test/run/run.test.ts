import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeAfterAll } from '../support/close-after-all.ts'
import { inHalves } from './halves.ts'
import { runHalf } from './run-half.ts'

describe('npm test', () => {
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connect-run-'))
    closeAfterAll(() => rm(folder, { recursive: true }))
  })

  async function run(code: string) {
    const file = join(folder, 'some.test.mjs')
    await writeFile(file, code)
    const printed: string[] = []
    const half = await runHalf([file], (text) => void printed.push(text))
    return { half, printed: printed.join('') }
  }

  it('runs each test file once, a file of a new folder too', () => {
    const files = ['test/journeys/a.test.ts', 'test/authz/b.test.ts', 'test/new-folder/c.test.ts']
    const [first, second] = inHalves(files)
    assert.deepEqual([...first, ...second].sort(), [...files].sort())
    assert.ok(first.length > 0 && second.length > 0)
  })

  it('counts what passed and what failed', async () => {
    const { half, printed } = await run(`it('a', () => {}); it('b', () => { throw new Error('no') })`)
    assert.deepEqual(half, { passed: 1, failed: 1, isGood: false })
    assert.match(printed, /\n {2}1 passing/)
    const { half: good } = await run(`it('a', () => {}); it('b', () => {})`)
    assert.deepEqual(good, { passed: 2, failed: 0, isGood: true })
  })

  it('is not green when a mocha process ends before its last test, or a test is skipped', async () => {
    const { half, printed } = await run(`it('a', () => process.exit(0))`)
    assert.deepEqual(half, { passed: 0, failed: 0, isGood: false })
    assert.match(printed, /mocha ended before its last test: exit status 0/)
    assert.equal((await run(`it.skip('a', () => {})`)).half.isGood, false)
  })
})
