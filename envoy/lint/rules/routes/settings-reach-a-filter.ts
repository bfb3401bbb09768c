import { fieldsNamed } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import {
  BUFFER,
  BUFFER_PER_ROUTE,
  CORS,
  CORS_POLICY,
  EXT_AUTHZ,
  EXT_AUTHZ_PER_ROUTE,
} from '../../config/types.ts'
import { CUSTOM_RESPONSE, HEADER_MUTATION, HEADER_MUTATION_PER_ROUTE } from '../../config/types.ts'
import { HEADER_TO_METADATA, typeNamed } from '../../config/types.ts'

/** The type of the settings that a filter reads on a route. */
const SETTINGS_OF: ReadonlyMap<string | undefined, string> = new Map([
  [EXT_AUTHZ, EXT_AUTHZ_PER_ROUTE],
  [CORS, CORS_POLICY],
  [BUFFER, BUFFER_PER_ROUTE],
  [CUSTOM_RESPONSE, CUSTOM_RESPONSE],
  [HEADER_TO_METADATA, HEADER_TO_METADATA],
  [HEADER_MUTATION, HEADER_MUTATION_PER_ROUTE],
])

export const rule: Rule = {
  holds: 'settings of a route have the name of a filter in the chain, and its type',
  check: ({ managers }) =>
    managers.flatMap(({ node, filters }) =>
      fieldsNamed(node, ['typed_per_filter_config'])
        .flatMap((settings) => settings.entries())
        .filter(([name, settings]) => {
          const type = filters.find((filter) => filter.name === name)?.type
          const expected = SETTINGS_OF.get(type)
          return expected === undefined || typeNamed(settings.at('@type').text) !== expected
        })
        .map(([, settings]) =>
          finding(settings, {
            risk: "Envoy silently ignores settings whose key is not the filter's name in the chain, such as envoy.filters.http.ext_authz for the filter authenticate.",
            fix: `Set the key to one of the chain's names: ${filters.map(({ name }) => name).join(', ')}.`,
          }),
        ),
    ),
}
