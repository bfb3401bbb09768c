import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeAfterAll } from '../support/close-after-all.ts'
import { inGroups } from './groups.ts'
import { runGroup } from './run-group.ts'

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
    const outcome = await runGroup([file], (text) => void printed.push(text))
    return { outcome, printed: printed.join('') }
  }

  it('runs each test file once, a file of a new folder too', () => {
    const files = ['test/journeys/a.test.ts', 'test/authz/b.test.ts', 'test/new-folder/c.test.ts']
    const groups = inGroups(files)
    assert.deepEqual(groups.flatMap((group) => group.files).sort(), [...files].sort())
    assert.ok(groups.length > 1)
  })

  it('counts what passed and what failed', async () => {
    const { outcome, printed } = await run(`it('a', () => {}); it('b', () => { throw new Error('no') })`)
    assert.deepEqual(outcome, { passed: 1, failed: 1, isGood: false })
    assert.match(printed, /\n {2}1 passing/)
    const { outcome: good } = await run(`it('a', () => {}); it('b', () => {})`)
    assert.deepEqual(good, { passed: 2, failed: 0, isGood: true })
  })

  it('is not green when a mocha process ends before its last test, or a test is skipped', async () => {
    const { outcome, printed } = await run(`it('a', () => process.exit(0))`)
    assert.deepEqual(outcome, { passed: 0, failed: 0, isGood: false })
    assert.match(printed, /mocha ended before its last test: exit status 0/)
    assert.equal((await run(`it.skip('a', () => {})`)).outcome.isGood, false)
  })
})
