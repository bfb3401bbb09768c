import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { EDGE_ENVIRONMENT } from '../support.ts'
import { RENDERED } from './rendered.ts'

const MAIN = new URL('../../../deploy/connect/main.ts', import.meta.url).pathname

interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `npm run envoy:lint` with arguments and standard input. */
function run(given: readonly string[], input = '', env = {}): Run {
  return spawnSync(process.execPath, [MAIN, 'envoy', 'lint', ...given], { input, env, encoding: 'utf8' })
}

describe('npm run envoy:lint', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'connect-lint-'))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('prints the number of rules that hold, and the open routes', () => {
    const file = join(folder, 'envoy.yaml')
    writeFileSync(file, RENDERED)
    const { status, stdout } = run([file])
    assert.equal(status, 0)
    assert.match(stdout, /^\d+ rules hold\.\nReached without authz, on purpose:\n {2}/)
  })

  it('prints each finding with place, risk and fix, and exits with 1', () => {
    const { status, stdout } = run(
      ['-'],
      RENDERED.replaceAll('failure_mode_allow: false', 'failure_mode_allow: true'),
    )
    assert.equal(status, 1)
    assert.match(
      stdout,
      /^fails-closed: static_resources\.listeners\[0\]\..*failure_mode_allow\n {2}While .*\n {2}Fix: /m,
    )
    assert.match(stdout, /\d+ finding\(s\); \d+ rules hold\.\n$/)
  })

  it('checks the configuration of the environment without a file', () => {
    assert.equal(run([], '', EDGE_ENVIRONMENT).status, 0)
    const { status, stderr } = run([])
    assert.equal(status, 2)
    assert.match(stderr, /CONNECT_ORIGIN is required/)
  })

  it('exits with 2 for a file that is no Envoy configuration', () => {
    const { status, stderr } = run(['-'], 'services: []')
    assert.equal(status, 2)
    assert.match(
      stderr,
      /^This is not an Envoy configuration that can be checked: it has no static_resources/,
    )
  })

  it('exits with 2 for a missing file', () => {
    const { status, stderr } = run([join(folder, 'nothing.yaml')])
    assert.equal(status, 2)
    assert.match(stderr, /ENOENT/)
  })
})
