import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { readConfig as readConsentUi } from '../../../consent-ui/config/config.ts'
import { ConfigurationError, readEnvironment, type Environment } from '../../../core/config/environment.ts'
import { settingsFor } from '../../consent-ui/support/settings.ts'
import { beforeAll } from '../../support/before-all.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'

const schema = z.object({
  REDIS_URL: z.string().optional(),
  REDIS_PASSWORD: z.string(),
  OIDC_CLIENT_SECRET: z.string().optional(),
})

describe('A secret from a file', () => {
  const folder = beforeAll(async () => {
    const made = await mkdtemp(join(tmpdir(), 'connect-secrets-'))
    closeAfterAll(() => rm(made, { recursive: true }))
    return { path: made }
  })

  async function fileWith(text: string, mode = 0o600): Promise<string> {
    const path = join(folder.path, crypto.randomUUID())
    await writeFile(path, text)
    await chmod(path, mode)
    return path
  }

  const read = (environment: Environment) => readEnvironment(schema, environment)

  function problemsOf(environment: Environment): readonly string[] {
    try {
      read(environment)
    } catch (error) {
      assert.ok(error instanceof ConfigurationError)
      return error.problems
    }
    return []
  }

  for (const [written, value] of [
    ['hunter2', 'hunter2'],
    ['hunter2\n', 'hunter2'],
    ['hunter2\r\n', 'hunter2'],
    ['hunter2\n\n', 'hunter2\n'],
    [' hunter2 ', ' hunter2 '],
  ] as const) {
    it(`is ${JSON.stringify(value)} when the file is ${JSON.stringify(written)}`, async () => {
      assert.equal(read({ REDIS_PASSWORD_FILE: await fileWith(written) }).REDIS_PASSWORD, value)
    })
  }

  it('is refused beside its variable, and the error has neither value', async () => {
    const environment = { REDIS_PASSWORD: 'hunter2', REDIS_PASSWORD_FILE: await fileWith('hunter3') }
    const expected = ['REDIS_PASSWORD and REDIS_PASSWORD_FILE are both set; remove one of them']
    assert.deepEqual(problemsOf(environment), expected)
  })

  it('is refused when the file is missing, unreadable or empty: the error names variable and path', async () => {
    const missing = join(folder.path, 'nowhere')
    const empty = await fileWith('\n')
    for (const [path, problem] of [
      [missing, `${missing} cannot be read (ENOENT); check the path and the permissions of the file`],
      [folder.path, `${folder.path} cannot be read (EISDIR); check the path and the permissions of the file`],
      [empty, `${empty} is empty`],
    ] as const)
      assert.deepEqual(problemsOf({ REDIS_PASSWORD_FILE: path }), [`REDIS_PASSWORD_FILE: ${problem}`])
  })

  it('is refused when the path is not absolute, and the error does not quote what may be the secret', () => {
    const [problem = '', ...others] = problemsOf({ REDIS_PASSWORD_FILE: 'hunter2' })
    assert.match(problem, /^REDIS_PASSWORD_FILE must be an absolute path/)
    assert.ok(!problem.includes('hunter2'))
    assert.deepEqual(others, [])
  })

  it('leaves the other problems in the list', () => {
    const problems = problemsOf({ REDIS_PASSWORD: '', OIDC_CLIENT_SECRET_FILE: '/nowhere/oidc' })
    assert.equal(problems.length, 2)
    assert.match(problems[0] ?? '', /^OIDC_CLIENT_SECRET_FILE: \/nowhere\/oidc cannot be read/)
    assert.equal(problems[1], 'REDIS_PASSWORD is required')
  })

  it('is for secrets only', async () => {
    const REDIS_URL_FILE = await fileWith('redis://localhost')
    assert.equal(read({ REDIS_PASSWORD: 'p', REDIS_URL_FILE }).REDIS_URL, undefined)
  })

  it('counts where one variable shows that the operator wants an identity provider', async () => {
    const problems = (environment: Environment): unknown => {
      try {
        return readConsentUi(environment)
      } catch (error) {
        return error instanceof ConfigurationError ? error.problems : error
      }
    }
    const settings = {
      ...settingsFor('https://connect.example', 'redis://localhost'),
      QUILT_REGISTRY_URL: 'https://registry.example',
      QUILT_CREDENTIAL_SOURCE: 'code',
      OIDC_CLIENT_SECRET_FILE: await fileWith('hunter2'),
    }
    assert.deepEqual(problems(settings), ['OIDC_ISSUER is required', 'OIDC_CLIENT_ID is required'])
  })

  it('gives consent-ui its keys', async () => {
    const { CONNECT_SIGNING_KEYS = '', ...settings } = settingsFor(
      'https://connect.example',
      'redis://localhost',
    )
    const config = readConsentUi({
      ...settings,
      CONNECT_SIGNING_KEYS_FILE: await fileWith(`${CONNECT_SIGNING_KEYS}\n`),
      QUILT_REGISTRY_URL: 'https://registry.example',
      QUILT_CREDENTIAL_SOURCE: 'code',
    })
    assert.equal(config.signingKeys.current.id, 'key-1')
  })
})
