import { isDeepStrictEqual } from 'node:util'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { isObject, type ConfigNode } from '../../config/config-node.ts'
import { NEEDED, wordAt } from '../../expected/stage-words.ts'
import { COMPOSITE, EXECUTE_FILTER, EXT_PROC, typeNamed } from '../../config/types.ts'

/** tool_access was needed, and did not say list: false. Without that word the answer may be a list. */
const PREDICATE = {
  and_matcher: {
    predicate: [
      metadataIs('tool_access', NEEDED),
      { not_matcher: metadataIs('list', { bool_match: false }) },
    ],
  },
}

export const rule: Rule = {
  holds: 'the list filter runs exactly when a session may only read and the answer may be a list',
  check: ({ managers }) =>
    managers
      .flatMap(({ filters }) => filters.filter(({ type }) => type === COMPOSITE))
      .map(({ config }) => config.at('matcher'))
      .filter((matcher) => !isExpected(matcher))
      .map((matcher) =>
        finding(matcher, {
          risk: 'A list that the matcher misses reaches the client unfiltered; a refusal that it matches fails with the filter.',
          fix: 'Set matcher to one entry: tool_access is needed and not (list is false), with ext_proc as its ExecuteFilterAction.',
        }),
      ),
}

function isExpected(matcher: ConfigNode): boolean {
  const only = matcher.at('matcher_list', 'matchers', 0)
  const action = only.at('on_match', 'action')
  const executed = action.at('typed_config', 'typed_config', 'typed_config')
  return (
    isDeepStrictEqual(withoutNames(only.at('predicate').value), PREDICATE) &&
    typeNamed(action.at('typed_config', '@type').text) === EXECUTE_FILTER &&
    typeNamed(executed.at('@type').text) === EXT_PROC &&
    // No second matcher, and no on_no_match.
    isDeepStrictEqual(matcher.value, {
      matcher_list: {
        matchers: [
          {
            predicate: only.at('predicate').value,
            on_match: {
              action: { name: action.at('name').value, typed_config: action.at('typed_config').value },
            },
          },
        ],
      },
    })
  )
}

function metadataIs(key: string, value: object): object {
  const input = 'type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput'
  const match = 'type.googleapis.com/envoy.extensions.matching.input_matchers.metadata.v3.Metadata'
  return {
    single_predicate: {
      input: { typed_config: { '@type': input, ...wordAt(key) } },
      custom_match: { typed_config: { '@type': match, value } },
    },
  }
}

/** Names of extensions are free. */
function withoutNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNames)
  if (!isObject(value)) return value
  const isExtension = 'typed_config' in value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !(isExtension && name === 'name'))
      .map(([name, below]) => [name, withoutNames(below)]),
  )
}
