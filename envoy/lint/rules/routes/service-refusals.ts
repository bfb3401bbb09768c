import { isDeepStrictEqual } from 'node:util'
import { matcherOf } from '../../config/expression.ts'
import type { Filter } from '../../config/filter.ts'
import { finding, type Finding } from '../../finding.ts'
import type { Manager } from '../../config/manager.ts'
import type { Route } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'
import { ANY_REDIRECT, badGateways, otherLocation, OWN_401 } from '../../expected/service-answers.ts'
import { isRequestIdFilter } from '../../expected/request-id.ts'
import { readLocation, SWITCHED_ON, WRITE_LOCATION } from '../../expected/service-answers.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { ANSWER_FILTERS, CUSTOM_RESPONSE, HEADER_MUTATION, HEADER_TO_METADATA } from '../../config/types.ts'

/** Locations that must not reach a client unchanged. */
const ELSEWHERE = [
  ...['http://10.0.0.7/x', 'https://inner.example', 'http://inner.example:8080/x', '//inner.example/x'],
  ...[String.raw`/\inner.example`, String.raw`\\inner.example`, 'http:inner.example', 'javascript:alert(1)'],
  ...['/\t/inner.example', '\t//inner.example'],
]
const MATCHERS = ['custom_response_matcher', 'matcher_list', 'matchers']
const WORDS = ['on_match', 'action', 'typed_config', 'body', 'inline_string']
const NOT_ALLOWED = ['predicate', 'and_matcher', 'predicate', 1, 'or_matcher', 'predicate', 0, 'not_matcher']
const REGEX = ['single_predicate', 'value_match', 'safe_regex', 'regex']

const UNAUTHORIZED = { predicate: OWN_401, details: 'service_unauthorized' }
const REDIRECTED = { predicate: ANY_REDIRECT, details: 'service_redirected' }

export const rule: Rule = {
  holds: "a client gets no 401 of a service, and no redirect that the service's entry does not allow",
  check: ({ managers }) => managers.flatMap((manager) => [...services(manager), ...others(manager)]),
}

function services(manager: Manager): readonly Finding[] {
  return manager.routes
    .filter(({ needsAuthz }) => needsAuthz)
    .filter((route) => !isLikeMcp(manager, route) && !isLikeHttp(manager, route))
    .map(({ node, name }) =>
      finding(node.at('typed_per_filter_config'), {
        risk: `On route ${name} a 401 of the service makes clients discard their tokens, or a redirect sends a client to an internal address.`,
        fix: 'Copy the settings of the filters of answers from services/mcp-path.yaml or services/http-service.yaml, and the filters from envoy.yaml.',
      }),
    )
}

/** No redirect passes. */
function isLikeMcp(manager: Manager, { node }: Route): boolean {
  const [filter, ...more] = switchedOn(manager, node, CUSTOM_RESPONSE)
  const removed = node.at('response_headers_to_remove').items()
  return (
    filter !== undefined &&
    more.length === 0 &&
    answers(filter.config, [UNAUTHORIZED, REDIRECTED]) &&
    isDeepStrictEqual(settingsOf(node, filter).value, SWITCHED_ON) &&
    removed.some(({ text }) => text === 'location')
  )
}

/** Envoy rewrites a Location below the upstream; others must be listed. */
function isLikeHttp(manager: Manager, { node }: Route): boolean {
  const [filter, ...more] = switchedOn(manager, node, CUSTOM_RESPONSE)
  const [reader, ...readers] = switchedOn(manager, node, HEADER_TO_METADATA)
  const [writer, ...writers] = switchedOn(manager, node, HEADER_MUTATION)
  if (filter === undefined || reader === undefined || writer === undefined) return false
  const settings = settingsOf(node, filter)
  const allowed = settings.at(...MATCHERS, 0, ...NOT_ALLOWED, ...REGEX)
  return (
    more.length + readers.length + writers.length === 0 &&
    answers(filter.config, [UNAUTHORIZED]) &&
    answers(settings, [{ predicate: otherLocation(allowed.value), details: 'service_redirected' }]) &&
    rewrites(settingsOf(node, reader), allowed) &&
    isDeepStrictEqual(settingsOf(node, writer).value, WRITE_LOCATION)
  )
}

function rewrites(read: ConfigNode, allowed: ConfigNode): boolean {
  const rewrite = read.at('response_rules', 0, 'on_header_present', 'regex_value_rewrite')
  const [pattern, substitution] = [rewrite.at('pattern', 'regex'), rewrite.at('substitution')]
  const isAllowed = matcherOf(allowed, LOCATIONS)
  const isRewritten = matcherOf(pattern, LOCATIONS)
  return (
    isDeepStrictEqual(read.value, readLocation(pattern.value, substitution.value)) &&
    /^(\/[\w-]+)+\\1\\2$/.test(substitution.text ?? '') &&
    ELSEWHERE.every((location) => isAllowed?.(location) === false || isRewritten?.(location) === true)
  )
}

/** Characters of the expressions in services/, which RE2 and JavaScript read alike. */
const LOCATIONS = /^[\w/|().*+?:#[\]^$\\-]+$/

/** True if the settings give exactly these answers 502, with any body. */
function answers(settings: ConfigNode, kinds: readonly { predicate: object; details: string }[]): boolean {
  const words = settings
    .at(...MATCHERS)
    .items()
    .map((matcher) => matcher.at(...WORDS).text)
  const expected = kinds.map((kind, at) => ({ ...kind, words: words[at] }))
  return isDeepStrictEqual(settings.value, badGateways(expected))
}

/** Other routes have answers of consent-ui or Envoy, which must stay unchanged. */
function others({ filters, routes, node }: Manager): readonly Finding[] {
  const ofAnswers = filters.filter(({ type }) => ANSWER_FILTERS.includes(type))
  const levels = [node.at('route_config'), ...node.at('route_config', 'virtual_hosts').items()]
  const open = [...levels, ...routes.filter(({ needsAuthz }) => !needsAuthz).map((route) => route.node)]
  const wrong = [
    ...ofAnswers
      .filter((filter) => !isRequestIdFilter(filter) && filter.node.at('disabled').value !== true)
      .map((filter) => filter.node),
    ...open
      .flatMap((level) => ofAnswers.map((filter) => settingsOf(level, filter)))
      .filter(({ exists }) => exists),
  ]
  return wrong.map((place) =>
    finding(place, {
      risk: 'Envoy replaces answers of consent-ui: the 401 on which a client registers again, or a redirect to the client.',
      fix: 'Set disabled: true on the filter in the chain, and enable it only on routes of services.',
    }),
  )
}

function switchedOn({ filters }: Manager, route: ConfigNode, type: string): readonly Filter[] {
  return filters.filter((filter) => filter.type === type && settingsOf(route, filter).exists)
}

function settingsOf(level: ConfigNode, { name }: Filter): ConfigNode {
  return level.at('typed_per_filter_config', name)
}
