import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { ROWS } from '../../bench/rows.ts'

const MAIN = join(import.meta.dirname, '../../bench/main.ts')
const run = promisify(execFile)

describe('npm run bench -- --quick', function () {
  this.timeout(60_000)

  it('measures every row with real Envoys, stores and authz, and gets only expected answers', async () => {
    // The command fails on a wrong answer, or on more checks than the row says.
    const { stdout } = await run(process.execPath, [MAIN, '--quick'])
    for (const { title } of ROWS) {
      const lines = stdout.split('\n').filter((line) => line.startsWith(`${title}  `))
      assert.equal(lines.length, 2, title)
      for (const line of lines) assert.doesNotMatch(line, /NaN| -\d/)
    }
    assert.match(stdout, /^authz, warm, to the minimal check: CPU \d+\.\d\d/m)
  })
})
