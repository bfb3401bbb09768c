import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readConfig } from '../../../authz/config.ts'
import { readConfig as readConsentUi } from '../../../consent-ui/config/config.ts'
import { newSecret } from '../../../core/keys/keys.ts'
import { PLATFORM_ENTRY } from '../../support/services.ts'
import { secretOf } from '../support/keys.ts'
import { problemsOf } from '../../support/variables-of.ts'

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicJwk = { ...publicKey.export({ format: 'jwk' }), kid: 'a' }

function listOf(secret: string): string {
  return JSON.stringify([{ id: '2026-11', secret, use: 'sign' }])
}

const COMMON = {
  CONNECT_ORIGIN: 'https://connect.example',
  CONNECT_SERVICES: PLATFORM_ENTRY,
  REDIS_URL: 'redis://localhost:6379',
  QUILT_REGISTRY_URL: 'https://registry.example',
  CONNECT_SEALING_KEYS: listOf(newSecret('sealing')),
}
const AUTHZ = {
  ...COMMON,
  CONNECT_PUBLIC_KEYS: JSON.stringify({ keys: [publicJwk] }),
  AUTHZ_LISTEN: 'unix:/run/connect/authz.sock',
}
const CONSENT_UI = {
  ...COMMON,
  CONSENT_UI_LISTEN: 'unix:/run/connect/consent-ui.sock',
  CONNECT_SIGNING_KEYS: listOf(newSecret('signing')),
  QUILT_CREDENTIAL_SOURCE: 'code',
}
const ON = { AUDIT_LOG: 'file:/var/log/connect/audit.log', AUDIT_KEYS: listOf(newSecret('audit')) }

describe('The settings of the audit log', () => {
  it('are off by default', () => {
    assert.equal(readConfig(AUTHZ).audit, 'off')
  })

  it('name a file or standard output, and the current key', () => {
    const file = readConfig({ ...AUTHZ, ...ON, AUDIT_REQUIRED: 'true' }).audit
    assert.ok(file !== 'off')
    assert.deepEqual([file.target, file.isRequired], [{ path: '/var/log/connect/audit.log' }, true])
    assert.equal(file.keys.current.id, '2026-11')
    const stdout = readConfig({ ...AUTHZ, ...ON, AUDIT_LOG: 'stdout' }).audit
    assert.deepEqual(stdout !== 'off' && stdout.target, 'stdout')
  })

  it('name a collector with its headers, or a syslog server', () => {
    const collector = {
      AUDIT_LOG: 'https://collector.example/connect',
      AUDIT_LOG_HEADERS: '{"dd-api-key":"x"}',
    }
    const https = readConfig({ ...AUTHZ, ...ON, ...collector }).audit
    assert.ok(https !== 'off')
    assert.deepEqual(https.target, { url: new URL(collector.AUDIT_LOG), headers: { 'dd-api-key': 'x' } })
    const syslog = (target: string) => {
      const { audit } = readConfig({ ...AUTHZ, ...ON, AUDIT_LOG: target })
      return audit === 'off' ? audit : audit.target
    }
    assert.deepEqual(syslog('syslog+tls://logs.example:6514'), {
      syslog: { host: 'logs.example', port: 6514, isTls: true },
    })
    assert.deepEqual(syslog('syslog+tcp://[::1]:601'), { syslog: { host: '::1', port: 601, isTls: false } })
  })

  const wrongTargets = [
    'http://collector.example/',
    'https://user:password@collector.example/',
    'syslog+tcp://logs.example:601',
    'syslog+tls://logs.example',
    'syslog+tls://logs.example:6514/path',
    'syslog+udp://127.0.0.1:514',
  ]
  for (const target of wrongTargets) {
    it(`A04: are refused with ${target}`, () => {
      assert.match(
        problemsOf(readConfig, { ...AUTHZ, ...ON, AUDIT_LOG: target }).join(),
        /^AUDIT_LOG must be off/,
      )
    })
  }

  const refused: Record<string, [changes: Record<string, string>, problem: RegExp]> = {
    'an unknown target': [{ ...ON, AUDIT_LOG: 'syslog' }, /AUDIT_LOG must be off, stdout, file:/],
    'a relative path': [{ ...ON, AUDIT_LOG: 'file:audit.log' }, /AUDIT_LOG must be off, stdout, file:/],
    'headers that are not JSON': [
      { ...ON, AUDIT_LOG: 'https://c.example', AUDIT_LOG_HEADERS: 'Bearer a-secret' },
      /^AUDIT_LOG_HEADERS must be a JSON object(?!.*a-secret)/,
    ],
    'a header with a line break': [
      { ...ON, AUDIT_LOG: 'https://c.example', AUDIT_LOG_HEADERS: '{"x":"a\\nb"}' },
      /^AUDIT_LOG_HEADERS must be a JSON object/,
    ],
    'headers without a collector': [
      { ...ON, AUDIT_LOG_HEADERS: '{"x":"y"}' },
      /^AUDIT_LOG_HEADERS needs an https/,
    ],
    'a target without keys': [{ AUDIT_LOG: 'stdout' }, /AUDIT_LOG needs AUDIT_KEYS/],
    'AUDIT_REQUIRED without a target': [{ AUDIT_REQUIRED: 'true' }, /AUDIT_REQUIRED needs AUDIT_LOG/],
    'keys of another kind': [{ ...ON, AUDIT_KEYS: listOf(newSecret('sealing')) }, /is not an audit key/],
    'the demonstration key': [
      { ...ON, AUDIT_KEYS: ON.AUDIT_KEYS.replace('2026-11', 'demo') },
      /demonstration key/,
    ],
  }
  for (const [what, [changes, problem]] of Object.entries(refused)) {
    it(`are refused with ${what}`, () => {
      const problems = problemsOf(readConfig, { ...AUTHZ, ...changes })
      assert.equal(problems.length, 1, problems.join('\n'))
      assert.match(problems[0] ?? '', problem)
    })
  }

  it('are refused if an audit key is a sealing key or a signing key too', () => {
    const bytes = randomBytes(32)
    const audit = { ...ON, AUDIT_KEYS: listOf(secretOf('audit', bytes)) }
    const sealing = { ...AUTHZ, ...audit, CONNECT_SEALING_KEYS: listOf(secretOf('sealing', bytes)) }
    assert.match(problemsOf(readConfig, sealing).join(), /AUDIT_KEYS.* has the secret of a sealing key/)
    const signing = { ...CONSENT_UI, ...audit, CONNECT_SIGNING_KEYS: listOf(secretOf('signing', bytes)) }
    assert.match(
      problemsOf(readConsentUi, signing).join(),
      /CONNECT_SIGNING_KEYS.* the secret of the audit key/,
    )
  })
})
