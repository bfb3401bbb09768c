import assert from 'node:assert/strict'
import { ConfigurationError } from '../../../../core/config/environment.ts'
import { readConfig } from '../../../../deploy/demo/registry/config.ts'

function issuerOf(text: string): string {
  return readConfig({
    DEMO_REGISTRY_LISTEN: '127.0.0.1:4002',
    DEMO_REGISTRY_IDENTITY_PROVIDER: text,
    DEMO_REGISTRY_CLIENT_ID: 'connect',
    DEMO_REGISTRY_CLIENT_SECRET: 'secret',
  }).identityProvider
}

describe('DEMO_REGISTRY_IDENTITY_PROVIDER', () => {
  it('accepts an issuer with a path, and keeps it unchanged', () => {
    for (const issuer of [
      'http://localhost:4001',
      'https://login.example.com/realms/quilt',
      'https://example.okta.com/oauth2/default/',
    ]) {
      assert.equal(issuerOf(issuer), issuer)
    }
  })

  it('refuses http to another machine, a query, and text that is not a URL', () => {
    for (const issuer of [
      'http://login.example.com/realms/quilt',
      'https://login.example.com/?x=1',
      'login',
    ]) {
      assert.throws(() => issuerOf(issuer), ConfigurationError)
    }
  })
})
