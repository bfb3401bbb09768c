import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../../../consent-ui/config/config.ts'
import { ConfigurationError } from '../../../core/config/environment.ts'
import { keyList as keyListSchema, newSecret, type KeyListEntry } from '../../../core/keys/keys.ts'
import { secretOf } from '../../core/support/keys.ts'
import { keyList, newKey, settingsFor, type Settings } from '../support/settings.ts'

const ROOMS = ['authz', 'consent-ui', 'core', 'deploy', 'docs', 'envoy', 'proto', 'test']

const GOOD = {
  ...settingsFor('https://connect.example', 'redis://localhost:6379'),
  QUILT_CREDENTIAL_SOURCE: 'code',
  QUILT_REGISTRY_URL: 'https://registry.example.com',
}

function problemsOf(changes: Settings): readonly string[] {
  try {
    readConfig({ ...GOOD, ...changes })
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error.problems
  }
  return []
}

/** The bytes of a sealing key as a signing key. */
function reused({ secret }: KeyListEntry): string {
  return secretOf('signing', Buffer.from(secret.split('.')[1] ?? '', 'base64url'))
}

describe('The start of consent-ui', () => {
  it('works with valid settings', () => {
    assert.deepEqual(problemsOf({}), [])
  })

  const sealing = newKey('sealing', 'seal')
  const weak = (fill: number): KeyListEntry => ({
    ...sealing,
    secret: secretOf('sealing', new Uint8Array(32).fill(fill)),
  })
  const cases: Record<string, [changes: Settings, problem: RegExp]> = {
    'T11: fails with one secret as signing and sealing key': [
      {
        CONNECT_SEALING_KEYS: keyList(sealing),
        CONNECT_SIGNING_KEYS: keyList({ ...newKey('signing', 'sign'), secret: reused(sealing) }),
      },
      /^CONNECT_SIGNING_KEYS key 1 \(sign\) has the secret of the sealing key seal/,
    ],
    'T11: fails with a secret that is in both lists among others': [
      {
        CONNECT_SEALING_KEYS: keyList(newKey('sealing', 'a'), { ...sealing, use: 'registrations' }),
        CONNECT_SIGNING_KEYS: keyList(newKey('signing', 'b'), {
          id: 'c',
          secret: reused(sealing),
          use: 'accept',
        }),
      },
      /^CONNECT_SIGNING_KEYS key 2 \(c\) has the secret of the sealing key seal/,
    ],
    'T11: fails with a weak key': [
      { CONNECT_SEALING_KEYS: keyList(weak(7)) },
      /^CONNECT_SEALING_KEYS key 1 \(seal\) is weak/,
    ],
    'T11: fails with a placeholder': [
      { CONNECT_SEALING_KEYS: keyList({ ...sealing, secret: 'connect-sealing.REPLACE_ME.00000000' }) },
      /^CONNECT_SEALING_KEYS key 1 \(seal\) is mistyped/,
    ],
    'T11: fails with the demo key': [
      { CONNECT_SEALING_KEYS: keyList(newKey('sealing', 'demo')) },
      /^CONNECT_SEALING_KEYS has the demonstration key "demo"/,
    ],
    'T11: fails without keys': [{ CONNECT_SEALING_KEYS: '' }, /^CONNECT_SEALING_KEYS is required/],
    'O03: fails with an issuer over plain http': [
      { CONNECT_ORIGIN: 'http://connect.example' },
      /^CONNECT_ORIGIN must be https/,
    ],
    'O03: fails with two keys with the same id': [
      { CONNECT_SEALING_KEYS: keyList(sealing, { ...newKey('sealing', 'seal'), use: 'accept' }) },
      /^CONNECT_SEALING_KEYS has two keys with the same id/,
    ],
    'O03: fails with every host allowed': [
      { CONNECT_ALLOWED_HOSTS: '*' },
      /^CONNECT_ALLOWED_HOSTS has a wildcard/,
    ],
    'O03: fails with a wildcard in an allowed host': [
      { CONNECT_ALLOWED_HOSTS: 'claude.ai, *.example.com' },
      /^CONNECT_ALLOWED_HOSTS has a wildcard/,
    ],
    'fails with a signing key for registrations': [
      {
        CONNECT_SIGNING_KEYS: keyList(newKey('signing', 'a'), {
          ...newKey('signing', 'b'),
          use: 'registrations',
        }),
      },
      /^CONNECT_SIGNING_KEYS has a key whose use is registrations/,
    ],
    'O03: fails with every address exempt from rate limits': [
      { RATE_LIMIT_EXEMPT: '0.0.0.0/0' },
      /^RATE_LIMIT_EXEMPT /,
    ],
    'E04: fails with metrics on a public address': [
      { METRICS_LISTEN: '0.0.0.0:9464' },
      /^METRICS_LISTEN must be a Unix socket/,
    ],
  }
  for (const [title, [changes, problem]] of Object.entries(cases)) {
    it(title, () => {
      const problems = problemsOf(changes)
      assert.equal(problems.length, 1, problems.join('\n'))
      assert.match(problems[0] ?? '', problem)
      assert.doesNotMatch(problems.join(), /connect-(sealing|signing)\.[A-Za-z0-9_-]{20}/)
    })
  }

  it('T11: fails with every secret in this repository', () => {
    const root = join(import.meta.dirname, '../../..')
    const files = ROOMS.flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(root, room, file),
      ),
    )
    assert.ok(files.length > 100)
    const written = files.filter((file) => /\.(ts|js|json|md|ya?ml|html)$/.test(file)).flatMap(secretsIn)
    assert.ok(written.length > 0)
    for (const secret of written) {
      const kind = secret.startsWith('connect-signing') ? 'signing' : 'sealing'
      const { success } = keyListSchema(kind).safeParse(keyList({ id: 'a', secret, use: 'sign' }))
      assert.ok(!success, `${secret.slice(0, 24)}… is a key that works`)
    }
    assert.equal(
      keyListSchema('sealing').safeParse(keyList({ id: 'a', secret: newSecret('sealing'), use: 'sign' }))
        .success,
      true,
    )
  })
})

function secretsIn(path: string): string[] {
  return readFileSync(path, 'utf8').match(/connect-(?:sealing|signing)\.[A-Za-z0-9_-]+\.[0-9a-f]+/g) ?? []
}
