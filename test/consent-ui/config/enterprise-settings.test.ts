import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readEnterpriseSettings } from '../../../consent-ui/config/enterprise-settings.ts'
import { ConfigurationError, type Environment } from '../../../core/config/environment.ts'

const CLIENT = { client_id: 'lab', client_name: 'Lab', redirect_uris: ['https://claude.ai/cb'] }
const secret_sha256 = createHash('sha256').update('a long secret').digest('hex')

const BASE = {
  QUILT_CREDENTIAL_SOURCE: 'exchange',
  OIDC_ISSUER: 'https://login.example.com/oauth2/default',
  CONNECT_CLIENTS: JSON.stringify([
    { ...CLIENT, secret_sha256 },
    { ...CLIENT, client_id: 'public' },
  ]),
}
const LISTED = { ENTERPRISE_CLIENTS: '[{"client_id":"lab"}]' }

function problemsOf(environment: Environment): readonly string[] {
  try {
    readEnterpriseSettings({ ...BASE, ...environment })
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error.problems
  }
  return []
}

describe('The settings of enterprise-managed authorization', () => {
  it('are off by default', () => {
    assert.equal(readEnterpriseSettings(BASE), undefined)
  })

  it('trust the issuer of the sign-in, and grant read-only access unless the list says full', () => {
    const document = 'https://assistant.example/client.json'
    const list = [{ client_id: 'lab' }, { client_id: document, access: 'full' }]
    const settings = readEnterpriseSettings({ ...BASE, ENTERPRISE_CLIENTS: JSON.stringify(list) })
    assert.equal(settings?.issuer.href, BASE.OIDC_ISSUER)
    assert.equal(settings.emailsAreVerified, false)
    assert.deepEqual(
      [...settings.clients],
      [
        ['lab', 'read'],
        [document, 'full'],
      ],
    )
  })

  it('may trust another issuer than that of the sign-in', () => {
    const settings = readEnterpriseSettings({
      ...BASE,
      ...LISTED,
      ENTERPRISE_ISSUER: 'https://login.example.com',
    })
    assert.equal(settings?.issuer.href, 'https://login.example.com/')
  })

  const wrong: Record<string, [Environment, RegExp]> = {
    'a list that is no JSON': [{ ENTERPRISE_CLIENTS: 'lab' }, /must be a JSON list such as/],
    'an empty list': [{ ENTERPRISE_CLIENTS: '[]' }, /is an empty list; leave it out/],
    'an unknown access': [
      { ENTERPRISE_CLIENTS: '[{"client_id":"lab","access":"all"}]' },
      /entry 1: access must be read or full/,
    ],
    'an unknown member': [
      { ENTERPRISE_CLIENTS: '[{"client_id":"lab","acces":"full"}]' },
      /entry 1 must have only client_id and access/,
    ],
    'a client twice': [
      { ENTERPRISE_CLIENTS: '[{"client_id":"lab"},{"client_id":"lab"}]' },
      /two entries with the same client_id/,
    ],
    'a public client': [
      { ENTERPRISE_CLIENTS: '[{"client_id":"public"}]' },
      /entry 1 is a public client; give it secret_sha256/,
    ],
    'a client that is not known': [
      { ENTERPRISE_CLIENTS: '[{"client_id":"other"}]' },
      /entry 1 must be a client of CONNECT_CLIENTS, or the https URL/,
    ],
    'pasted codes': [
      { ...LISTED, QUILT_CREDENTIAL_SOURCE: 'code' },
      /ENTERPRISE_CLIENTS needs QUILT_CREDENTIAL_SOURCE=exchange/,
    ],
    'an issuer without a list': [
      { ENTERPRISE_ISSUER: 'https://login.example.com' },
      /ENTERPRISE_ISSUER has no effect without ENTERPRISE_CLIENTS/,
    ],
    'a tenant without a list': [{ ENTERPRISE_TENANT: 'x' }, /ENTERPRISE_TENANT has no effect without/],
    'an issuer without TLS': [
      { ...LISTED, ENTERPRISE_ISSUER: 'http://login.example.com' },
      /ENTERPRISE_ISSUER must be https/,
    ],
  }
  for (const [what, [environment, problem]] of Object.entries(wrong)) {
    it(`are refused with ${what}`, () => {
      assert.match(problemsOf(environment).join('\n'), problem)
    })
  }
})
