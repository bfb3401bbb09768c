import { AUTHZ_HEADERS, IDENTITY_HEADERS } from '../../../../core/http/reserved-headers.ts'
import { matcherOf } from '../../config/expression.ts'
import { finding, unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { firstStagesOf, laterStagesOf, stagesOf } from '../../config/stages.ts'

/** Headers that no stage changes; the last stands for a header that no list has. */
const FOREIGN = [
  ...[':path', ':method', ':authority', ':scheme', 'host'],
  ...['content-length', 'transfer-encoding', 'connection', 'content-type'],
  ...['x-forwarded-for', 'x-forwarded-proto', 'x-envoy-external-address', 'x-request-id'],
  ...['x-envoy-original-path', 'x-envoy-retry-on', 'mcp-session-id', 'mcp-method', 'mcp-name'],
  'zz-unheard-of',
]
/** Headers of the first stage, with one name for each prefix. */
const FIRST_STAGE = [
  ...AUTHZ_HEADERS,
  ...IDENTITY_HEADERS.names,
  ...IDENTITY_HEADERS.prefixes.map((prefix) => `${prefix}any`),
]

export const rule: Rule = {
  holds: 'a stage may change exactly its own headers, and an attempt at any other is an error',
  check: (parsed) => [
    ...stagesOf(parsed).flatMap(({ config }) => closed(config.at('decoder_header_mutation_rules'))),
    ...firstStagesOf(parsed).flatMap(({ config }) => [...narrow(config, FOREIGN), ...complete(config)]),
    ...laterStagesOf(parsed).flatMap(({ config }) => narrow(config, [...FOREIGN, ...FIRST_STAGE])),
  ],
}

function closed(rules: ConfigNode) {
  const advice = {
    risk: 'An answer of authz that an attacker managed to shape could set :path, host or any header of the request.',
    fix: 'Set disallow_all: true, disallow_is_error: true and an allow_expression; remove the other fields.',
  }
  return [
    ...unlessOneOf([rules.at('disallow_all'), rules.at('disallow_is_error')], [true], advice),
    ...unlessOneOf([rules.at('allow_all_routing'), rules.at('allow_envoy')], [undefined, false], advice),
  ]
}

function narrow(config: ConfigNode, refused: readonly string[]) {
  const expression = expressionOf(config)
  const matches = matcherOf(expression)
  if (matches === undefined) {
    return [
      finding(expression, {
        risk: 'The linter cannot read this expression, so it cannot say which headers it allows.',
        fix: 'Write allow_expression.regex with only a-z, 0-9, -, |, (), and .*',
      }),
    ]
  }
  const allowed = refused.filter(matches)
  if (allowed.length === 0) return []
  const credential = allowed.some((name) => FIRST_STAGE.includes(name))
    ? ', and a later stage could change the credential that the first stage set'
    : ''
  return [
    finding(expression, {
      risk: `It allows ${allowed.join(', ')}: an answer of authz could change where a request goes or what it says${credential}.`,
      fix: 'Name only the headers of this stage in allow_expression.regex.',
    }),
  ]
}

function complete(config: ConfigNode) {
  const expression = expressionOf(config)
  const matches = matcherOf(expression)
  const missing = matches === undefined ? [] : FIRST_STAGE.filter((name) => !matches(name))
  return missing.map((name) =>
    finding(expression, {
      risk: `authz may not change ${name}: Envoy answers each request on which it does with an error.`,
      fix: `Allow ${name} in allow_expression.regex.`,
    }),
  )
}

function expressionOf(config: ConfigNode): ConfigNode {
  return config.at('decoder_header_mutation_rules', 'allow_expression', 'regex')
}
