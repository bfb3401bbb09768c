import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeAfterAll } from '../support/close-after-all.ts'
import { until } from '../support/until.ts'
import { inGroups } from './groups.ts'
import { npmTask } from './npm-task.ts'
import { runGroup } from './run-group.ts'
import { runTasks, summaryText } from './run-tasks.ts'
import type { Task } from './task.ts'

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

  it('runs each test file once, also a file of a new folder', () => {
    const files = ['test/journeys/a.test.ts', 'test/authz/b.test.ts', 'test/new-folder/c.test.ts']
    const groups = inGroups(files)
    assert.deepEqual(groups.flatMap((group) => group.files).sort(), [...files].sort())
    assert.ok(groups.length > 1)
  })

  it('counts the tests that passed and failed', async () => {
    const { outcome, printed } = await run(`it('a', () => {}); it('b', () => { throw new Error('no') })`)
    assert.equal(outcome.passed, 1)
    assert.deepEqual(
      outcome.failures.map(({ title, error }) => [title, error.split('\n')[0]]),
      [['b', 'Error: no']],
    )
    assert.equal(outcome.isGood, false)
    assert.match(printed, /\n {2}1 passing/)
    const { outcome: good } = await run(`it('a', () => {}); it('b', () => {})`)
    assert.deepEqual(good, { passed: 2, failures: [], secondsOfFiles: {}, isGood: true })
  })

  it('fails when a hook fails, mocha ends before its last test, or a test is skipped', async () => {
    assert.equal(
      (await run(`after(() => { throw new Error('no') }); it('a', () => {})`)).outcome.failures.length,
      1,
    )
    const { outcome, printed } = await run(`it('a', () => process.exit(0))`)
    assert.equal(outcome.isGood, false)
    assert.equal(outcome.failures[0]?.error, 'mocha ended before its last test: exit status 0')
    assert.match(printed, /mocha ended before its last test: exit status 0/)
    assert.equal((await run(`it.skip('a', () => {})`)).outcome.isGood, false)
  })

  it('ends its output with the ten slowest files and each failure in full', async () => {
    const failing = `describe('A', () => { it('b', () => { throw new Error('no') }) })`
    const { outcome } = await run(failing)
    const times = Object.fromEntries(Array.from({ length: 12 }, (_, seconds) => [`file-${seconds}`, seconds]))
    const text = summaryText([outcome, { passed: 3, failures: [], secondsOfFiles: times, isGood: true }], 9)
    assert.match(text, / 11\.0 s {2}file-11\n +10\.0 s {2}file-10\n/)
    assert.doesNotMatch(text, /file-1\n/)
    assert.match(
      text,
      /3 passing \(9s\)\n {2}1 failing\n\nfailed: \S+some\.test\.mjs\n {2}A b\nError: no\n +at /,
    )
    assert.match(text, /\n3 passed, 1 failed\n$/)
  })

  it('runs at most so many tasks at once, and none whose precondition failed', async () => {
    const begun: string[] = []
    const ends = new Map<string, (isGood: boolean) => void>()
    const task = (name: string, after?: Task): Task => ({
      name,
      ...(after === undefined ? {} : { after }),
      run: async () => {
        begun.push(name)
        const isGood = await new Promise<boolean>((resolve) => ends.set(name, resolve))
        return { passed: 0, failures: [], secondsOfFiles: {}, isGood }
      },
    })
    async function end(name: string, isGood = true): Promise<void> {
      await until(() => ends.has(name), name)
      ends.get(name)?.(isGood)
    }
    const tools = task('tools')
    const status = runTasks([tools, task('tests', tools), task('lint'), task('types')], 2, () => undefined)
    await until(() => begun.length === 2, 'the first tasks')
    assert.deepEqual(begun, ['tools', 'lint'])
    await end('tools', false)
    await end('lint')
    await end('types')
    assert.equal(await status, 1)
    assert.deepEqual(begun, ['tools', 'lint', 'types'])
  })

  it('fails when a script of package.json fails', async () => {
    const { isGood, failures } = await npmTask('no-such-script').run(() => undefined)
    assert.equal(isGood, false)
    assert.match(failures[0]?.error ?? '', /^exit status 1\n/)
  })
})
