import assert from 'node:assert/strict'
import { ConfigurationError } from '../../core/config/environment.ts'
import { readConfig } from '../../envoy/config.ts'
import { EDGE_ENVIRONMENT } from './support.ts'

function problems(environment: Record<string, string | undefined>): readonly string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error.problems
  }
}

describe('the settings of Envoy', () => {
  it('are accepted as a task definition sets them', () => {
    assert.deepEqual(problems(EDGE_ENVIRONMENT), [])
  })

  it('are refused with every problem listed', () => {
    assert.deepEqual(
      problems({}),
      Object.keys(EDGE_ENVIRONMENT).map((name) => `${name} is required`),
    )
  })

  const wrong: [name: string, value: string][] = [
    ['CONNECT_ORIGIN', 'http://connect.example.com'],
    ['CONNECT_ORIGIN', 'https://connect.example.com/path'],
    ['ENVOY_LISTEN', 'unix:/run/envoy.sock'],
    ['ENVOY_LISTEN', '8080'],
    ['ENVOY_ADMIN_SOCKET', 'admin.sock'],
    ['ENVOY_TRUSTED_HOPS', '-1'],
    ['ENVOY_TRUSTED_HOPS', 'one'],
    ['AUTHZ_LISTEN', 'authz.sock'],
    ['CONNECT_SERVICES', '[]'],
    ['CONNECT_SERVICES', 'file:/nowhere/services.yaml'],
    ['ENVOY_TRUSTED_CA', 'ca.pem'],
  ]
  for (const [name, value] of wrong) {
    it(`are refused with ${name}=${value}`, () => {
      const [problem = '', ...others] = problems({ ...EDGE_ENVIRONMENT, [name]: value })
      assert.ok(problem.startsWith(name), problem)
      assert.deepEqual(others, [])
    })
  }
})
