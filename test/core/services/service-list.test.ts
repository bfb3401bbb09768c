import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readServiceList } from '../../../core/services/service-list.ts'
import { services } from '../../../core/services/service-settings.ts'
import { READING_METHODS } from '../../../core/services/read-only-tools.ts'
import { FILES, FILES_ENTRY, PLATFORM, PLATFORM_ENTRY, servicesFrom } from '../../support/services.ts'

/** What is complained about, as `place message`. */
function problemsOf(text: string): string[] {
  const { error } = readServiceList(text)
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`)
}

/** The platform's entry with other lines; one that is empty takes the member away. */
function entry(changes: Readonly<Record<string, string>>): string {
  const lines = PLATFORM_ENTRY.split('\n').filter((line) => {
    return !Object.keys(changes).some((name) => line.trim().replace('- ', '').startsWith(`${name}:`))
  })
  const added = Object.entries(changes).flatMap(([name, value]) =>
    value === '' ? [] : [`  ${name}: ${value}`],
  )
  return [...lines, ...added].join('\n')
}

describe('The list of services', () => {
  it('reads each service and fills in defaults', () => {
    const { url, ...upstream } = PLATFORM.upstream
    assert.equal(url.href, 'http://127.0.0.1:8000/mcp')
    assert.deepEqual(upstream, {
      protocol: 'http1',
      plaintext: false,
      connectSeconds: 2,
      idleSeconds: 3600,
      keepAliveSeconds: 4,
    })
    assert.deepEqual(PLATFORM.grants, ['read', 'full'])
    assert.deepEqual(PLATFORM.paths, ['/mcp/platform/mcp', '/mcp/platform', '/mcp'])
    assert.equal(PLATFORM.maxBodyBytes, 10 * 1024 * 1024)
    assert.deepEqual([...PLATFORM.read.methods], READING_METHODS)
    assert.deepEqual(FILES.paths, ['/files'])
    assert.deepEqual(FILES.read.paths, ['/files/raw'])
    assert.equal(FILES.longestResponseSeconds, 300)
  })

  it('refuses an unknown kind', () => {
    assert.match(problemsOf(PLATFORM_ENTRY.replace('kind: mcp', 'kind: other'))[0] ?? '', /^0\.kind /)
  })

  it('may be JSON', () => {
    const { data } = readServiceList(
      JSON.stringify([
        {
          ...{ kind: 'mcp', name: 'x', title: 'X', prefix: '/x', path: '/x', scopes: ['x'], default: true },
          ...{ upstream: 'https://mcp.example.com/mcp', protocol: 'http2', read: { tools: ['look'] } },
        },
      ]),
    )
    assert.deepEqual(data?.[0].upstream.protocol, 'http2')
  })

  it('may be in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'connect-services-'))
    try {
      const file = join(folder, 'services.yaml')
      writeFileSync(file, PLATFORM_ENTRY + FILES_ENTRY)
      assert.deepEqual(services.parse(`file:${file}`), [PLATFORM, FILES])
      const { error } = services.safeParse(`file:${file}.not-there`)
      assert.match(error?.message ?? '', /cannot be read/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('counts tools that can do more than read only if the operator names them', () => {
    assert.ok(PLATFORM.read.tools.has('package_browse'))
    for (const tool of ['athena_query', 's3_object_link', 'package_create', 'unknown']) {
      assert.ok(!PLATFORM.read.tools.has(tool), tool)
    }
    const [more] = servicesFrom(entry({ read: '{ tools: quilt-platform, more: [athena_query] }' }))
    assert.ok(
      more.kind === 'mcp' && more.read.tools.has('athena_query') && !more.read.tools.has('s3_object_link'),
    )
    assert.deepEqual(more.read.more, [{ tool: 'athena_query', what: 'runs SQL queries' }])
    const [own] = servicesFrom(entry({ read: '{ tools: [look], more: { ask: asks a robot } }' }))
    assert.ok(own.kind === 'mcp')
    assert.deepEqual([...own.read.tools], ['look', 'ask'])
    assert.deepEqual(own.read.more, [{ tool: 'ask', what: 'asks a robot' }])
  })

  it('counts no tool of quilt-mcp that runs SQL or hands out links as reading', () => {
    const [quiltMcp] = servicesFrom(entry({ read: '{ tools: quilt-mcp }' }))
    assert.ok(quiltMcp.kind === 'mcp' && quiltMcp.read.tools.has('bucket_list'))
    for (const tool of [
      'athena_query_execute',
      'tabulator_query_execute',
      'tabulator_bucket_query',
      'bucket_object_link',
    ]) {
      assert.ok(!quiltMcp.read.tools.has(tool), tool)
    }
  })

  it('requires a description of a tool that can do more than read', () => {
    const inherited = entry({ read: '{ tools: quilt-platform, more: [toString] }' })
    assert.equal(problemsOf(inherited).length, 1)
    const read = '{ tools: quilt-platform, more: [package_create] }'
    assert.deepEqual(problemsOf(entry({ read })), [
      '0.read.more must say what package_create can do, as in { package_create: runs SQL queries }',
    ])
  })

  const methodsOf = (read: string): ReadonlySet<string> => {
    const [service] = servicesFrom(entry({ read: `{ tools: quilt-platform, ${read} }` }))
    assert.ok(service.kind === 'mcp')
    return service.read.methods
  }

  for (const method of ['logging/setLevel', 'resources/subscribe', 'resources/unsubscribe']) {
    it(`allows ${method} unless the entry removes it`, () => {
      assert.ok(PLATFORM.read.methods.has(method))
      const without = methodsOf(`withoutMethods: [${method}]`)
      assert.deepEqual(
        [...without],
        READING_METHODS.filter((each) => each !== method),
      )
    })
  }

  it('allows methods that the operator adds with a description', () => {
    assert.ok(methodsOf('moreMethods: { vendor/search: searches an index }').has('vendor/search'))
    const [service] = servicesFrom(entry({ read: '{ tools: [look], moreMethods: { a/b: looks } }' }))
    assert.ok(service.kind === 'mcp')
    assert.deepEqual(service.read.moreMethods, [{ method: 'a/b', what: 'looks' }])
  })

  for (const method of [
    ...[
      'tools/call',
      'Tools/Call',
      'tools/call/batch',
      'tools.call',
      'tasks/list',
      'tasks/result',
      'TASKS/get',
    ],
    ...['tasks', 'ping', 'a b', ''],
  ]) {
    it(`refuses the added method "${method}"`, () => {
      const problems = problemsOf(entry({ read: `{ tools: [look], moreMethods: { "${method}": looks } }` }))
      assert.match(problems[0] ?? '', /^0\.read\.moreMethods/)
    })
  }

  it('refuses an added method without a description', () => {
    assert.ok(problemsOf(entry({ read: '{ tools: [look], moreMethods: { a/b: "" } }' })).length > 0)
  })

  it('accepts plain http on this machine, and elsewhere only with plaintext: true', () => {
    const upstream = 'http://mcp.internal:8000/mcp'
    assert.match(problemsOf(entry({ upstream }))[0] ?? '', /^0\.upstream must be https; plaintext: true/)
    const [service] = servicesFrom(entry({ upstream, plaintext: 'true' }))
    assert.ok(service.upstream.plaintext)
  })

  const wrong: [name: string, value: string, problem: RegExp][] = [
    ['name', 'Platform', /^0\.name must be lower-case/],
    ['name', '', /^0\.name /],
    ['title', '', /^0\.title /],
    ['prefix', '/mcp/platform/', /^0\.prefix must be a path/],
    ['prefix', '/other', /^0\.path must be the prefix or below it/],
    ['path', '/mcp/platform-other', /^0\.path must be the prefix or below it/],
    ['path', '/mcp/%2e', /^0\.path must be a path/],
    ['aliases', '[/.well-known]', /^0\.aliases\.0 must be a path/],
    ['aliases', '[/auth]', /^0\.path \/auth is Connect's own/],
    ['aliases', '[/mcp, /mcp]', /^0\.aliases must differ/],
    ['scopes', '[]', /^0\.scopes/],
    ['scopes', "['a b']", /^0\.scopes\.0 must be/],
    ['default', 'false', /^ must have exactly one service with default: true/],
    ['grants', '[full, read]', /^0\.grants must be \[read, full\]/],
    ['upstream', 'ftp://x', /^0\.upstream must be a URL/],
    ['upstream', 'https://user:secret@x/mcp', /^0\.upstream must not have a user name/],
    ['protocol', 'http3', /^0\.protocol /],
    ['maxBodyBytes', '1', /^0\.maxBodyBytes /],
    ['idleSeconds', '0', /^0\.idleSeconds /],
    ['keepAliveSeconds', '3600', /^0\.keepAliveSeconds /],
    ['read', '{ tools: unknown-list }', /^0\.read\.tools must be a list of tools/],
    ['read', '{ tools: [a b] }', /^0\.read\.tools/],
    ['read', '{ tools: quilt-mcp, methods: [tools/call, tasks/run] }', /^0\.read\.methods\.1 /],
    ['surprise', '1', /^0 Unrecognized key: "surprise"/],
  ]
  for (const [name, value, problem] of wrong) {
    it(`refuses ${name}: ${value}`, () => {
      const [first = ''] = problemsOf(entry({ [name]: value }))
      assert.match(first, problem)
    })
  }

  for (const [what, text, problem] of [
    [
      'two services of one name',
      FILES_ENTRY.replace('name: files', 'name: platform'),
      /^0\.name is that of another/,
    ],
    [
      'two services of one audience',
      FILES_ENTRY.replace('/files', '/mcp/platform'),
      /is that of another service/,
    ],
    ['a service below another', FILES_ENTRY.replaceAll('/files', '/mcp'), /belongs to another service too/],
    [
      'reading outside of a service',
      FILES_ENTRY.replace('[/files/raw]', '[/filesystem]'),
      /^1\.read\.paths must/,
    ],
  ] as const) {
    it(`refuses ${what}`, () =>
      assert.match(problemsOf(PLATFORM_ENTRY + text).join('\n'), new RegExp(problem, 'm')))
  }

  for (const [what, text] of [
    ['an empty text', ''],
    ['a text that is not a list', 'platform'],
    ['an empty list', '[]'],
    ['broken YAML', '- kind: [mcp'],
    ['a key twice', `${PLATFORM_ENTRY}  name: twice\n`],
    ['an alias', `${PLATFORM_ENTRY}  more: *platform\n`],
    ['an alias of itself', '- &self [*self]'],
  ] as const) {
    it(`refuses ${what}`, () => assert.ok(problemsOf(text).length > 0))
  }
})
