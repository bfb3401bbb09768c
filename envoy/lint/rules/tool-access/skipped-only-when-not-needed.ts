import { isDeepStrictEqual } from 'node:util'
import { finding, whereverSet } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { NOT_NEEDED, wordAt } from '../../expected/stage-words.ts'
import { laterStagesOf } from '../../config/stages.ts'

/** Inverted, so that Envoy asks when the metadata is missing. */
const UNLESS_NOT_NEEDED = { ...wordAt('tool_access'), value: NOT_NEEDED, invert: true }

export const rule: Rule = {
  holds: 'Envoy skips a later stage only after the first one said not_needed',
  check: (parsed) => [
    ...laterStagesOf(parsed)
      .map(({ config }) => config.at('filter_enabled_metadata'))
      .filter(({ exists, value }) => exists && !isDeepStrictEqual(value, UNLESS_NOT_NEEDED))
      .map((condition) =>
        finding(condition, {
          risk: 'Without the metadata, or with a mistyped name, no stage checks the call: a session that may only read can write.',
          fix: `Set filter_enabled_metadata: ${JSON.stringify(UNLESS_NOT_NEEDED)}`,
        }),
      ),
    ...whereverSet(
      laterStagesOf(parsed).flatMap(({ config }) => [
        config.at('filter_enabled'),
        config.at('deny_at_disable'),
      ]),
      {
        risk: 'Under this condition no stage checks calls of sessions that may only read.',
        fix: 'Remove the field.',
      },
    ),
  ],
}
