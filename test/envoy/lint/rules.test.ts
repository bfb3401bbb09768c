import assert from 'node:assert/strict'
import { lint } from '../../../envoy/lint/lint.ts'
import { RULES } from '../../../envoy/lint/rules.ts'
import { ANSWERS } from './broken/answers.ts'
import { AUTHZ } from './broken/authz.ts'
import { ELSEWHERE } from './broken/elsewhere.ts'
import { INPUT } from './broken/input.ts'
import { LIST_FILTER } from './broken/list-filter.ts'
import { REQUESTS } from './broken/requests.ts'
import { ROUTES } from './broken/routes.ts'
import { TOOL_ACCESS } from './broken/tool-access.ts'
import { changesTo } from './changes.ts'
import { renderedConfig } from './rendered.ts'

const BROKEN = [
  ...INPUT,
  ...REQUESTS,
  ...AUTHZ,
  ...TOOL_ACCESS,
  ...LIST_FILTER,
  ...ROUTES,
  ...ANSWERS,
  ...ELSEWHERE,
]

describe('the linter', () => {
  for (const { name } of RULES) {
    describe(name, () => {
      for (const { what, edit, also } of BROKEN.filter(({ rule }) => rule === name)) {
        it(`finds ${what}`, () => {
          const config = renderedConfig()
          edit(changesTo(config))
          const { findings } = lint(config)
          assert.deepEqual(
            [...new Set(findings.map(({ rule }) => rule))].sort(),
            [name, ...(also ?? [])].sort(),
          )
          for (const { where, risk, fix } of findings) assert.ok(where !== '' && risk !== '' && fix !== '')
        })
      }
    })
  }

  it('has a broken configuration for every rule', () => {
    const broken = new Set(BROKEN.map(({ rule }) => rule))
    assert.deepEqual(
      RULES.map(({ name }) => name).filter((name) => !broken.has(name)),
      [],
    )
    assert.equal(broken.size, RULES.length)
  })
})
