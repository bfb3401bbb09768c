import assert from 'node:assert/strict'
import {
  AUTHZ_HEADERS,
  FORWARDING_HEADERS,
  IDENTITY_HEADERS,
  TRACE_CONTEXT_HEADERS,
} from '../../../core/http/reserved-headers.ts'
import { lint } from '../../../envoy/lint/lint.ts'
import { changesTo } from './changes.ts'
import { renderedConfig } from './rendered.ts'

const MUTATIONS = ['early_header_mutation_extensions', 0, 'typed_config', 'mutations']
const ALLOWED = 'decoder_header_mutation_rules.allow_expression.regex'

const RESERVED = [IDENTITY_HEADERS, FORWARDING_HEADERS, TRACE_CONTEXT_HEADERS]
const REMOVALS = [
  ...RESERVED.flatMap(({ names }) => names).map((name) => ({ remove: name })),
  ...RESERVED.flatMap(({ prefixes }) => prefixes).map((prefix) => ({
    remove_on_match: { key_matcher: { prefix } },
  })),
]

/** the headers of authenticate, as alternatives of a regular expression. */
const ALTERNATIVES = [
  ...AUTHZ_HEADERS,
  ...IDENTITY_HEADERS.names,
  ...IDENTITY_HEADERS.prefixes.map((prefix) => `${prefix}.*`),
]

function findingsWith(edit: (changes: ReturnType<typeof changesTo>) => void): string[] {
  const config = renderedConfig()
  edit(changesTo(config))
  return lint(config).findings.map(({ rule, fix }) => `${rule}: ${fix}`)
}

describe('the reserved headers in envoy.yaml', () => {
  it('are removed by exactly the mutations that the list of reserved headers names', () => {
    const text = JSON.stringify(renderedConfig())
    const [, listed = ''] = /"mutations":(\[.*?\])/.exec(text) ?? []
    const mutations = JSON.parse(listed) as object[]
    const sorted = (values: readonly object[]): string[] => values.map((each) => JSON.stringify(each)).sort()
    assert.deepEqual(sorted(mutations), sorted(REMOVALS))
  })

  for (const removal of REMOVALS) {
    it(`are reported by the linter when the mutation ${JSON.stringify(removal)} is missing`, () => {
      const rest = REMOVALS.filter((each) => each !== removal)
      const [found, ...more] = findingsWith(({ manager }) => manager(MUTATIONS, rest))
      const name = 'remove' in removal ? removal.remove : removal.remove_on_match.key_matcher.prefix
      assert.deepEqual(more, [])
      assert.match(found ?? '', /^identity-stripped: Add remove/)
      assert.ok(found?.includes(` ${name} `), found)
    })
  }

  it('are the only ones that authz may change', () => {
    assert.deepEqual(
      findingsWith(({ authenticate }) => authenticate(ALLOWED, ALTERNATIVES.join('|'))),
      [],
    )
  })

  for (const left of ALTERNATIVES) {
    it(`are reported by the linter when authz may not change ${left}`, () => {
      const rest = ALTERNATIVES.filter((each) => each !== left)
      const found = findingsWith(({ authenticate }) => authenticate(ALLOWED, rest.join('|')))
      const name = left.replace('.*', 'any')
      assert.ok(found.includes(`mutation-allow-list: Allow ${name} in allow_expression.regex.`), found.join())
    })
  }
})
