import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readConfig as readAuthz } from '../../authz/config.ts'
import { readConfig as readConsentUi } from '../../consent-ui/config/config.ts'
import type { Environment } from '../../core/config/environment.ts'
import { newSecret, type KeyKind } from '../../core/keys/keys.ts'
import { readAuditKeys } from '../../deploy/connect/config.ts'
import { readConfig as readRunEnvoy } from '../../deploy/container/config.ts'
import { readConfig as readDemoFiles } from '../../deploy/demo/files/config.ts'
import { readConfig as readDemoIdentityProvider } from '../../deploy/demo/identity-provider/config.ts'
import { readConfig as readDemoPlatformMcp } from '../../deploy/demo/platform-mcp/config.ts'
import { readConfig as readDemoRegistry } from '../../deploy/demo/registry/config.ts'
import { readKeyBundle, readSigningKeys, readStatusConfig } from '../../deploy/connect/keys/config.ts'
import { readConfig as readEnvoy } from '../../envoy/config.ts'
import { PLATFORM_ENTRY } from '../support/services.ts'
import { problemsOf, variablesOf, type ReadConfig } from '../support/variables-of.ts'

/** What the page calls each reader of a configuration. */
const READERS: readonly (readonly [name: string, read: ReadConfig])[] = [
  ['authz', readAuthz],
  ['consent-ui', readConsentUi],
  ['Envoy', readEnvoy],
  ['Envoy', readRunEnvoy],
  ['keys', readSigningKeys],
  ['keys', readStatusConfig],
  ['keys', (environment) => readKeyBundle(environment, () => ({}))],
  ['connect', readAuditKeys],
  ['demo', readDemoIdentityProvider],
  ['demo', readDemoRegistry],
  ['demo', readDemoPlatformMcp],
  ['demo', readDemoFiles],
]
const WITHOUT_SCHEMA = new Set(['npm start', 'tests'])

interface Row {
  readonly variable: string
  readonly readers: readonly string[]
  readonly isRequired: boolean
  /** Undefined where the page says "required" or "none". */
  readonly byDefault: string | undefined
  readonly example: string
  /** It may also come from a file. */
  readonly isSecret: boolean
}

function rowOf(cells: readonly string[]): Row {
  const [variable = '', readers = '', byDefault = '', example = '', meaning = ''] = cells
  return {
    variable: variable.replaceAll('`', ''),
    readers: readers.split(', '),
    isRequired: byDefault === 'required',
    byDefault: /^`([^`]*)`/.exec(byDefault)?.[1],
    example: example.replaceAll('`', ''),
    isSecret: meaning.startsWith('Secret. '),
  }
}

const PAGE = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
const ROWS = PAGE.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => rowOf(line.split(' | ').map((cell) => cell.replace(/^\| /, ''))))

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const keyList = (kind: KeyKind): string => JSON.stringify([{ id: 'a', secret: newSecret(kind), use: 'sign' }])

/** In place of examples that hold secrets, name a file, or need another variable. */
const STAND_INS: Readonly<Record<string, string>> = {
  AUDIT_KEYS: keyList('audit'),
  CONNECT_SEALING_KEYS: keyList('sealing'),
  CONNECT_SIGNING_KEYS: keyList('signing'),
  CONNECT_PUBLIC_KEYS: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a' }] }),
  CONNECT_SERVICES: PLATFORM_ENTRY,
  // A remote store needs REDIS_PASSWORD, which another row has.
  REDIS_URL: 'rediss://localhost:6379',
}

function environmentOf(rows: readonly Row[]): Environment {
  return Object.fromEntries(rows.map(({ variable, example }) => [variable, STAND_INS[variable] ?? example]))
}

/** How code takes variables from the environment without a schema. */
const USES = [
  /process\.env\.([A-Z_]+)\b(?! =)/g,
  /\{([^{}]*)\} = process\.env/g,
  /INHERITED = \[([^\]]*)\]/g,
  /^ {2}variable: '([A-Z_]+)',$/gm,
]

function variablesInSources(): Set<string> {
  const files = execFileSync('git', ['ls-files', 'deploy', 'bench', 'envoy', 'test/*/support/*'], {
    encoding: 'utf8',
  })
  const texts = files
    .split('\n')
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'))
  const uses = texts.flatMap((text) => USES.flatMap((use) => [...text.matchAll(use)]))
  const names = uses.flatMap(([, list = '']) => list.replaceAll(/= \w+/g, '').match(/[A-Z][A-Z_]+/g) ?? [])
  return new Set(names)
}

describe('docs/configuration.md', () => {
  it('names each variable once', () => {
    assert.equal(new Set(ROWS.map(({ variable }) => variable)).size, ROWS.length)
  })

  for (const name of new Set(READERS.map(([reader]) => reader))) {
    it(`names every variable that ${name} reads, and no other`, () => {
      const read = READERS.filter(([reader]) => reader === name).flatMap(([, each]) => variablesOf(each))
      const named = ROWS.filter(({ readers }) => readers.includes(name)).flatMap(({ variable, isSecret }) =>
        isSecret ? [variable, `${variable}_FILE`] : [variable],
      )
      assert.deepEqual(named.sort(), [...new Set(read)].sort())
    })
  }

  it('names every variable that npm start and the tests take from the environment, and no other', () => {
    const named = ROWS.filter(({ readers }) => readers.some((reader) => WITHOUT_SCHEMA.has(reader)))
    assert.deepEqual(named.map(({ variable }) => variable).sort(), [...variablesInSources()].sort())
  })

  for (const [name, read] of READERS) {
    const asked = variablesOf(read)
    const rows = ROWS.filter(({ variable }) => asked.includes(variable))
    const required = environmentOf(rows.filter(({ isRequired }) => isRequired))

    it(`gives examples with which ${name} starts (${asked[0] ?? ''} …)`, () => {
      assert.deepEqual(problemsOf(read, environmentOf(rows)), [])
    })

    for (const { variable, isRequired, byDefault } of rows) {
      it(`says whether ${name} requires ${variable}, and its default`, () => {
        if (isRequired) {
          assert.deepEqual(problemsOf(read, { ...required, [variable]: '' }), [`${variable} is required`])
          return
        }
        const absent = read(required)
        if (byDefault !== undefined) assert.deepEqual(read({ ...required, [variable]: byDefault }), absent)
      })
    }
  }
})
