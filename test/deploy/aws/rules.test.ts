import assert from 'node:assert/strict'
import { CONTAINER_RULES } from './rules/containers.ts'
import { LIFECYCLE_RULES } from './rules/lifecycle.ts'
import { LOAD_BALANCER_RULES } from './rules/load-balancer.ts'
import { METRIC_RULES } from './rules/metrics.ts'
import { NETWORK_RULES } from './rules/network.ts'
import { PARAMETER_RULES } from './rules/parameters.ts'
import { ROLE_RULES } from './rules/roles.ts'
import { SECRET_RULES } from './rules/secrets.ts'
import { SERVICE_RULES } from './rules/service.ts'
import { STORE_RULES } from './rules/store.ts'
import { TIMEOUT_RULES } from './rules/timeouts.ts'
import { CONNECT_TEMPLATE } from './support/connect-template.ts'
import { evaluate } from './support/evaluate.ts'
import { mutate } from './support/mutate.ts'
import { PARAMETER_SETS } from './support/parameter-sets.ts'
import type { Rule } from './support/rule.ts'
import type { Template } from './support/template.ts'

const RULES: readonly Rule[] = [
  ...LIFECYCLE_RULES,
  ...PARAMETER_RULES,
  ...NETWORK_RULES,
  ...LOAD_BALANCER_RULES,
  ...CONTAINER_RULES,
  ...SERVICE_RULES,
  ...TIMEOUT_RULES,
  ...SECRET_RULES,
  ...ROLE_RULES,
  ...STORE_RULES,
  ...METRIC_RULES,
]

/** In the sets of parameters, up to the first with problems; an evaluation that fails is a problem too. */
function problemsIn(template: Template, { problems }: Rule): readonly string[] {
  for (const given of Object.values(PARAMETER_SETS)) {
    try {
      const found = problems(evaluate(template, given), template)
      if (found.length > 0) return found
    } catch (error) {
      return [String(error)]
    }
  }
  return []
}

for (const rule of RULES) {
  describe(`The CloudFormation template ${rule.title}`, () => {
    it('for every set of parameters', () => {
      assert.deepEqual(problemsIn(CONNECT_TEMPLATE, rule), [])
    })

    for (const mutant of rule.mutants) {
      it(`(a planted mistake is noticed: ${mutant.what})`, () => {
        assert.notDeepEqual(problemsIn(mutate(CONNECT_TEMPLATE, mutant), rule), [])
      })
    }
  })
}
