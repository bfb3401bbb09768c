import assert from 'node:assert/strict'
import { rowsIn, textOf } from '../../docs/markdown.ts'
import { CONNECT_TEMPLATE } from './support/connect-template.ts'
import { evaluate } from './support/evaluate.ts'
import { PARAMETER_SETS } from './support/parameter-sets.ts'
import { resourcesOf } from './support/views.ts'

const FILE = 'deploy/README.md'
const PAGE = textOf(FILE)
const { Parameters: PARAMETERS, Outputs: OUTPUTS } = CONNECT_TEMPLATE
/** The table of parameters: name, default, where the value is. */
const ROWS = rowsIn(
  PAGE.slice(PAGE.indexOf('\n## Parameters'), PAGE.indexOf("\n### For Quilt's own Terraform")),
)
  .filter(([name = '']) => name.startsWith('`'))
  .map(([name = '', byDefault = '']) => ({ name: name.replaceAll('`', ''), byDefault }))
/** Names in the page that are the Quilt stack's. */
const OF_QUILT = ['QuiltWebHost', 'RegistryHost']

function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
}

describe('The operator’s page of the deployment', () => {
  it('has every parameter of the template in its table, in the order of the console, and no other', () => {
    assert.deepEqual(
      ROWS.map(({ name }) => name),
      Object.keys(PARAMETERS),
    )
  })

  it('says which parameters are required, and the default of the others', () => {
    for (const { name, byDefault } of ROWS) {
      const expected = PARAMETERS[name]?.Default
      const said = byDefault.replaceAll('`', '')
      if (expected === undefined) assert.equal(said, 'required', name)
      else if (expected === '') assert.match(said, /^empty/, name)
      else if (name !== 'TlsPolicy') assert.equal(said, String(expected), name)
    }
  })

  it('names only parameters and outputs that the template has', () => {
    const known = new Set([...Object.keys(PARAMETERS), ...Object.keys(OUTPUTS), ...OF_QUILT])
    const named = codeIn(PAGE).filter((code) =>
      /^(Connect|Redis|Oidc|Token|Image|Quilt|Platform|Certificate)[A-Z]\w+$/.test(code),
    )
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    )
  })

  it('gives every required parameter in its example and in the Terraform map', () => {
    const required = Object.keys(PARAMETERS).filter((name) => PARAMETERS[name]?.Default === undefined)
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(PAGE) ?? []
    const given = (JSON.parse(example) as string[]).map((entry) => entry.split('=')[0])
    const [, map = ''] = /```hcl\n([\s\S]*?)```/.exec(PAGE) ?? []
    for (const name of required) {
      assert.ok(given.includes(name), `the example lacks ${name}`)
      assert.match(map, new RegExp(`^ +${name} +=`, 'm'))
    }
    for (const name of [...given, ...[...map.matchAll(/^ {4}([A-Z]\w+) +=/gm)].map(([, each]) => each)]) {
      assert.ok(name !== undefined && name in PARAMETERS, `there is no parameter ${name}`)
    }
  })

  it('says what to look at for every alarm', () => {
    const stack = evaluate(CONNECT_TEMPLATE, PARAMETER_SETS.minimal)
    const alarms = resourcesOf(stack, 'AWS::CloudWatch::Alarm').map(([name]) => name.replace(/Alarm$/, ''))
    const table = PAGE.slice(PAGE.indexOf('\n## What to watch'), PAGE.indexOf('\n## The store'))
    const rows = rowsIn(table).slice(2)
    assert.deepEqual(rows.flatMap(([names = '']) => names.split(', ')).sort(), alarms.sort())
  })

  it('names only resources that the template has', () => {
    const named = [...PAGE.matchAll(/--logical-resource-id\s+(\w+)/g)].map(([, name = '']) => name)
    assert.ok(named.length > 0)
    for (const name of [...named, 'RedisAuth']) assert.ok(name in CONNECT_TEMPLATE.Resources, name)
  })

  it('links only to headings that it has', () => {
    const headings = [...PAGE.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    )
    const targets = [...PAGE.matchAll(/\]\(#([^)]+)\)/g)].map(([, target = '']) => target)
    assert.deepEqual(
      targets.filter((target) => !headings.includes(target)),
      [],
    )
  })

  it('is named by the descriptions of alarms with headings that it has', () => {
    const named = [...JSON.stringify(CONNECT_TEMPLATE.Resources).matchAll(/deploy\/README\.md, ([\w ]+)"/g)]
    assert.ok(named.length > 0)
    for (const [, title = ''] of named) assert.match(PAGE, new RegExp(`^### ?${title}$`, 'm'))
  })
})
