import {
  AUTHZ_NAMESPACE,
  CUSTOM_RESPONSE,
  HEADER_MUTATION_PER_ROUTE,
  HEADER_TO_METADATA,
  LOCAL_RESPONSE,
} from '../config/types.ts'

/**
 * The settings of services/*.yaml for answers. The rule service-refusals compares them as a whole, because one more
 * matcher or field could let an answer through.
 */

const PREFIX = 'type.googleapis.com/'

/** The rewritten Location of a service's answer. */
export const LOCATION = '%DYNAMIC_METADATA(quilt_connect:location)%'

const TYPE = { '@type': `${PREFIX}${CUSTOM_RESPONSE}` }

/** On a route, an empty message enables the settings of the chain. */
export const SWITCHED_ON = TYPE

/** Settings of custom_response: 502 with this body for each kind of answer. */
export function badGateways(
  kinds: readonly { predicate: object; details: string; words: unknown }[],
): object {
  const matchers = kinds.map(({ predicate, details, words }) => ({
    predicate,
    on_match: badGateway(details, words),
  }))
  return { ...TYPE, custom_response_matcher: { matcher_list: { matchers } } }
}

function badGateway(details: string, words: unknown): object {
  const typed_config = {
    '@type': `${PREFIX}${LOCAL_RESPONSE}`,
    status_code: 502,
    response_code_details: details,
    body: { inline_string: words },
  }
  return { action: { name: details.replace('service_', ''), typed_config } }
}

/** Settings of header_to_metadata: removes a Location, and keeps it rewritten in the metadata. */
export function readLocation(regex: unknown, substitution: unknown): object {
  const on_header_present = {
    metadata_namespace: 'quilt_connect',
    key: 'location',
    type: 'STRING',
    regex_value_rewrite: { pattern: { regex }, substitution },
  }
  return {
    '@type': `${PREFIX}${HEADER_TO_METADATA}`,
    response_rules: [{ header: 'location', on_header_present, remove: true }],
  }
}

/** Settings of header_mutation: sets the rewritten Location. */
export const WRITE_LOCATION = {
  '@type': `${PREFIX}${HEADER_MUTATION_PER_ROUTE}`,
  mutations: {
    response_mutations: [
      {
        append: {
          header: { key: 'location', value: LOCATION },
          append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
        },
      },
    ],
  },
}

/** Matches a 401, unless authz refused the request. */
export const OWN_401 = allOf(
  is('status', 'envoy.type.matcher.v3.HttpResponseStatusCodeMatchInput', { exact: '401' }),
  {
    not_matcher: {
      single_predicate: {
        input: {
          name: 'decision',
          typed_config: {
            '@type': `${PREFIX}envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput`,
            filter: AUTHZ_NAMESPACE,
            path: [{ key: 'decision' }],
          },
        },
        custom_match: {
          name: 'deny',
          typed_config: {
            '@type': `${PREFIX}envoy.extensions.matching.input_matchers.metadata.v3.Metadata`,
            value: { string_match: { exact: 'deny' } },
          },
        },
      },
    },
  },
)

/** Matches every redirect. */
export const ANY_REDIRECT = is('status', 'envoy.type.matcher.v3.HttpResponseStatusCodeClassMatchInput', {
  exact: '3xx',
})

const DOT_SEGMENTS = String.raw`([^?#]*/)?(\.|%2[eE]){1,2}([/?#;].*)?`

/** Matches a Location that the expression does not match, or with a dot segment. */
export function otherLocation(allowed: unknown): object {
  const isOther = {
    or_matcher: { predicate: [{ not_matcher: locationIs(allowed) }, locationIs(DOT_SEGMENTS)] },
  }
  return allOf(locationIs('.*'), isOther)
}

function locationIs(regex: unknown): object {
  const input = {
    '@type': `${PREFIX}envoy.type.matcher.v3.HttpResponseHeaderMatchInput`,
    header_name: 'location',
  }
  const value_match = { safe_regex: { google_re2: {}, regex } }
  return { single_predicate: { input: { name: 'location', typed_config: input }, value_match } }
}

function is(name: string, input: string, value_match: object): object {
  return {
    single_predicate: { input: { name, typed_config: { '@type': `${PREFIX}${input}` } }, value_match },
  }
}

function allOf(...predicate: readonly object[]): object {
  return { and_matcher: { predicate } }
}
