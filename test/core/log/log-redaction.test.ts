import assert from 'node:assert/strict'
import fc from 'fast-check'
import { randomSecret } from '../../../core/keys/hash.ts'
import { newSecret } from '../../../core/keys/keys.ts'
import { withoutSecrets } from '../../../core/log/log-redaction.ts'

const SECRET = 'hunter2'

/** What reaches the log of this object. */
function logged(object: unknown): string {
  const line = withoutSecrets(`${JSON.stringify(object)}\n`)
  assert.doesNotThrow(() => JSON.parse(line) as unknown, line)
  return line
}

describe('withoutSecrets', () => {
  const names = [
    ...[
      'authorization',
      'proxy-authorization',
      'cookie',
      'set-cookie',
      'code',
      'code_verifier',
      'codeVerifier',
    ],
    ...[
      'state',
      'token',
      'access_token',
      'accessToken',
      'refresh_token',
      'id_token',
      'subject_token',
      'password',
    ],
    ...[
      'SessionToken',
      'SecretAccessKey',
      'client_secret',
      'clientSecret',
      'secret',
      'credential',
      'share',
      'k',
    ],
  ]
  for (const name of names) {
    it(`hides the value of ${name} at any depth and in any case`, () => {
      for (const spelled of [name, name.toUpperCase(), name.toLowerCase()]) {
        const [value, list] = [{ [spelled]: SECRET }, { [spelled]: [SECRET, `a]"\\${SECRET}`] }]
        const quoted = { [spelled]: `"${SECRET}\\"${SECRET}` }
        const inText = { body: JSON.stringify(value) }
        for (const object of [value, list, quoted, inText, { a: { b: { c: { d: [value] } } } }]) {
          assert.ok(!logged(object).includes(SECRET), JSON.stringify(object))
        }
      }
    })
  }

  it('hides parameters of URLs and forms', () => {
    const url = `https://h/cb?code=${SECRET}&iss=https%3A%2F%2Fh&state=${SECRET}`
    assert.equal(logged({ url }), '{"url":"https://h/cb?code=[secret]&iss=https%3A%2F%2Fh&state=[secret]"}\n')
    assert.ok(!logged({ body: `grant_type=x&refresh_token=${SECRET}` }).includes(SECRET))
    assert.ok(!logged({ url: `rediss://ada:${SECRET}@store:6379/0` }).includes(SECRET))
  })

  it('hides raw headers', () => {
    const raw = ['Host', 'h', 'Authorization', SECRET, 'Cookie', `a=${SECRET}`, 'Accept', 'text/html']
    assert.ok(!logged({ raw }).includes(SECRET))
    assert.match(logged({ raw }), /"Accept","text\/html"/)
  })

  it('hides secrets by their format in any other place', () => {
    const jwt = ['{"alg":"ES256"}', '{"k":"x"}', 'sig'].map((part) => Buffer.from(part).toString('base64url'))
    const secrets = [
      jwt.join('.'),
      Buffer.from(JSON.stringify({ id: 'ada', code: randomSecret() })).toString('base64'),
      `qk_${randomSecret()}`,
      `qk_${randomSecret()}.${randomSecret()}~${randomSecret()}/${randomSecret()}+${randomSecret()}==`,
      `qk_abc...xyz${randomSecret()}`,
      `qcr1.${randomSecret()}.1.${randomSecret()}.${randomSecret()}`,
      `${randomSecret()}.${randomSecret()}`,
      newSecret('signing'),
      newSecret('sealing'),
    ]
    for (const secret of secrets) {
      const line = logged({ message: `it was "${secret}", and again: ${secret}.` })
      for (const part of secret.split('.').filter(({ length }) => length > 12))
        assert.ok(!line.includes(part), part)
    }
    assert.match(logged({ message: `Basic ${'YWRhOnNlY3JldA'.repeat(2)}==` }), /Basic \[secret\]/)
  })

  it('hides secrets in a short text, and keeps one without', () => {
    const secret = 'hunter2hunter2hunter2'
    const forms = [`code=${secret}`, `redis://ada:${secret}@h`, `BEARER ${secret}`, `eyJ${secret}`]
    const prefixed = [`qk_${secret}`, `qcr1.${secret}`, `connect-audit.${secret}`, `"k":"${secret}"`]
    for (const text of [...forms, ...prefixed, `{\\"k\\":\\"${secret}`, `"cookie","${secret}"`]) {
      assert.ok(!withoutSecrets(text).includes(secret), text)
    }
    assert.equal(withoutSecrets('tools/call search_objects'), 'tools/call search_objects')
  })

  it('keeps values that are not secrets', () => {
    const line = {
      time: '2026-11-24T23:23:12.111Z',
      error: { code: 'ERR_TLS_CERT_ALTNAME_INVALID', errno: -111 },
      status: 502,
      code: 401,
      path: '/mcp/platform/mcp',
      issuer: 'https://connect.example.com',
      request_id: '0d9e6b3c-0000-4000-8000-000000000000',
      task: 'risk=low',
      client: 'Claude Code <claude@example.com>',
      message: 'a bearer token was refused: the basic rules say so',
      session: randomSecret(),
      key: 'qk_abc...xyz',
    }
    assert.deepEqual(JSON.parse(logged(line)), line)
  })

  it('keeps a line valid JSON', () => {
    const name = fc.constantFrom('code', 'k', 'Cookie', 'a', 'token', 'b"=')
    const text = fc
      .array(fc.constantFrom('"', '\\', ',', ':', '[', ']', '{', '=', '&', '@', '://', ' ', 'k', 'code', 'x'))
      .map((parts) => parts.join(''))
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, text, fc.integer(), tie('list'), tie('object')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      object: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    }))
    fc.assert(
      fc.property(value, (object) => void logged(object)),
      { numRuns: 1000 },
    )
  })
})
