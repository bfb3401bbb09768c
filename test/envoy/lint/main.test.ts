import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../../../core/config/environment.ts'
import { runCommand, type Written } from '../../../deploy/connect/run-command.ts'
import { connectProcess } from '../../deploy/connect/support/connect-process.ts'
import { EDGE_ENVIRONMENT } from '../support.ts'
import { RENDERED } from './rendered.ts'

const run = (given: readonly string[], environment: Environment = {}): Promise<Written> =>
  runCommand(['envoy', 'lint', ...given], environment)

describe('npm run envoy:lint', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'connect-lint-'))
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  it('prints the number of rules that hold, and the open routes', async () => {
    const file = join(folder, 'envoy.yaml')
    writeFileSync(file, RENDERED)
    const { status, stdout } = await run([file])
    assert.equal(status, 0)
    assert.match(stdout, /^\d+ rules hold\.\nReached without authz, on purpose:\n {2}/)
  })

  it('prints each finding with place, risk and fix, and exits with 1', async () => {
    const { status, stdout } = await connectProcess(
      ['envoy', 'lint', '-'],
      {},
      RENDERED.replaceAll('failure_mode_allow: false', 'failure_mode_allow: true'),
    )
    assert.equal(status, 1)
    assert.match(
      stdout,
      /^fails-closed: static_resources\.listeners\[0\]\..*failure_mode_allow\n {2}While .*\n {2}Fix: /m,
    )
    assert.match(stdout, /\d+ finding\(s\); \d+ rules hold\.\n$/)
  })

  it('checks the configuration of the environment without a file', async () => {
    assert.equal((await run([], EDGE_ENVIRONMENT)).status, 0)
    const { status, stderr } = await run([])
    assert.equal(status, 2)
    assert.match(stderr, /CONNECT_ORIGIN is required/)
  })

  it('exits with 2 for a file that is no Envoy configuration', async () => {
    const file = join(folder, 'compose.yaml')
    writeFileSync(file, 'services: []')
    const { status, stderr } = await run([file])
    assert.equal(status, 2)
    assert.match(
      stderr,
      /^This is not an Envoy configuration that can be checked: it has no static_resources/,
    )
  })

  it('exits with 2 for a missing file', async () => {
    const { status, stderr } = await run([join(folder, 'nothing.yaml')])
    assert.equal(status, 2)
    assert.match(stderr, /ENOENT/)
  })
})
