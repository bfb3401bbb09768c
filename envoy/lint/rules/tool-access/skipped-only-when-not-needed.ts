import { isDeepStrictEqual } from 'node:util'
import { finding, whereverSet } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { NOT_NEEDED, wordAt } from '../../expected/stage-words.ts'
import { laterStagesOf } from '../../config/stages.ts'

/**
 * Inverted, so that missing metadata means "ask". Whatever the filters are named, Envoy puts what authz says under
 * one name.
 */
const UNLESS_NOT_NEEDED = { ...wordAt('tool_access'), value: NOT_NEEDED, invert: true }

export const rule: Rule = {
  holds: 'a later stage is skipped only where the first one said that it is not needed',
  check: (parsed) => [
    ...laterStagesOf(parsed)
      .map(({ config }) => config.at('filter_enabled_metadata'))
      .filter(({ exists, value }) => exists && !isDeepStrictEqual(value, UNLESS_NOT_NEEDED))
      .map((condition) =>
        finding(condition, {
          risk: 'Where the metadata is missing or its name is mistyped, the call is not checked: a session that may only read changes things.',
          fix: `Ask in every other case: ${JSON.stringify(UNLESS_NOT_NEEDED)}`,
        }),
      ),
    ...whereverSet(
      laterStagesOf(parsed).flatMap(({ config }) => [
        config.at('filter_enabled'),
        config.at('deny_at_disable'),
      ]),
      { risk: 'By this condition calls of sessions that may only read pass unchecked.', fix: 'Take it out.' },
    ),
  ],
}
