import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import type { Environment } from '../../core/config/environment.ts'
import { readConfig } from '../../envoy/config.ts'
import { renderEnvoyConfig } from '../../envoy/render/render.ts'
import { EDGE_ENVIRONMENT } from './support.ts'
import { childEnvironment } from '../support/child-environment.ts'

const MAIN = new URL('../../envoy/main.ts', import.meta.url).pathname

function run(env: Environment) {
  return spawnSync(process.execPath, [MAIN], { env: childEnvironment(env), encoding: 'utf8' })
}

describe('node envoy/main.ts', () => {
  it('prints the rendered configuration', () => {
    const { status, stdout } = run(EDGE_ENVIRONMENT)
    assert.equal(status, 0)
    assert.equal(stdout, renderEnvoyConfig(readConfig(EDGE_ENVIRONMENT)))
  })

  it('prints the findings instead if the linter reports any', () => {
    const { status, stdout, stderr } = run({ ...EDGE_ENVIRONMENT, AUTHZ_LISTEN: '10.0.0.7:9000' })
    assert.equal(status, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /^authz-private: .*\n {2}authz's answers carry Quilt credentials/m)
  })

  it('lists missing environment variables', () => {
    const { status, stdout, stderr } = run({})
    assert.equal(status, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /CONNECT_ORIGIN is required/)
  })
})
