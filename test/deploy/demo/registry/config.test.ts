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

describe('The identity provider in the demo Registry’s configuration', () => {
  it('is an issuer, which may have a path, and stays as it was written', () => {
    for (const issuer of [
      'http://localhost:4001',
      'https://login.example.com/realms/quilt',
      'https://example.okta.com/oauth2/default/',
    ]) {
      assert.equal(issuerOf(issuer), issuer)
    }
  })

  it('is refused where it is plain http beyond this machine, or has a query', () => {
    for (const issuer of [
      'http://login.example.com/realms/quilt',
      'https://login.example.com/?x=1',
      'login',
    ]) {
      assert.throws(() => issuerOf(issuer), ConfigurationError)
    }
  })
})
