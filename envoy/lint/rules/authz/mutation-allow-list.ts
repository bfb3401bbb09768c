import { finding, unlessOneOf } from '../../finding.ts'
import { isAuthzWord } from '../../identity-headers.ts'
import { matcherOf } from '../../expression.ts'
import type { Rule } from '../../rule.ts'
import type { Spot } from '../../spot.ts'
import { firstStagesOf, laterStagesOf, stagesOf } from '../../stages.ts'

/** What no stage has any business with; the last stands for a header that nobody thought of. */
const FOREIGN = [
  ...[
    ':path',
    ':method',
    ':authority',
    ':scheme',
    'host',
    'content-length',
    'transfer-encoding',
    'connection',
  ],
  ...['content-type', 'x-forwarded-for', 'x-forwarded-proto', 'x-envoy-external-address', 'x-request-id'],
  ...[
    'x-envoy-original-path',
    'x-envoy-retry-on',
    'mcp-session-id',
    'mcp-method',
    'mcp-name',
    'zz-unheard-of',
  ],
]
/** authz's word, that only the first stage has to say. */
const FIRST_STAGE_ONLY = [
  'authorization',
  'cookie',
  'last-event-id',
  'x-quilt-user',
  'x-auth-subject',
  'x-amzn-oidc-data',
  'x-forwarded-user',
  'x-envoy-upstream-rq-timeout-ms',
]

export const mutationAllowList: Rule = {
  name: 'mutation-allow-list',
  holds: 'a stage changes the headers that are its own, and an attempt at any other is an error',
  check: (edge) => [
    ...stagesOf(edge).flatMap(({ config }) => closed(config.at('decoder_header_mutation_rules'))),
    ...firstStagesOf(edge).flatMap(({ config }) => narrow(config, FOREIGN)),
    ...laterStagesOf(edge).flatMap(({ config }) => narrow(config, [...FOREIGN, ...FIRST_STAGE_ONLY])),
  ],
}

function closed(rules: Spot) {
  const advice = {
    risk: 'An answer of authz that somebody managed to shape could set :path, host or any header of the request.',
    fix: 'Set disallow_all: true, disallow_is_error: true and an allow_expression; take the rest out.',
  }
  return [
    ...unlessOneOf([rules.at('disallow_all'), rules.at('disallow_is_error')], [true], advice),
    ...unlessOneOf([rules.at('allow_all_routing'), rules.at('allow_envoy')], [undefined, false], advice),
  ]
}

function narrow(config: Spot, refused: readonly string[]) {
  const expression = config.at('decoder_header_mutation_rules', 'allow_expression', 'regex')
  const matches = matcherOf(expression)
  if (matches === undefined) {
    return [
      finding(expression, {
        risk: 'The linter cannot read this expression, so it cannot say which headers it allows.',
        fix: 'Write it with a-z, 0-9, -, |, (), and .* alone.',
      }),
    ]
  }
  const allowed = refused.filter(matches)
  if (allowed.length === 0) return []
  const theirs = allowed.some(isAuthzWord)
    ? ', and a later stage the credential that the first one put in'
    : ''
  return [
    finding(expression, {
      risk: `It allows ${allowed.join(', ')}: an answer of authz could change where a request goes or what it says${theirs}.`,
      fix: 'Name the headers of this stage alone.',
    }),
  ]
}
