import { finding } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

export const rule: Rule = {
  holds: 'authz may have the list filter skip a body, and nothing else',
  check: (parsed) =>
    listFiltersOf(parsed)
      .filter((filter) => ![undefined, false].includes(filter.at('allow_mode_override').value as undefined))
      .filter((filter) => !isPassingOnly(filter))
      .map((filter) =>
        finding(filter.at('allowed_override_modes'), {
          risk: 'An answer of authz could send requests to the filter, or buffer whole bodies.',
          fix: 'With allow_mode_override: true, set one allowed_override_modes entry: headers and trailers as configured, response_body_mode: NONE.',
        }),
      ),
}

function isPassingOnly(filter: ConfigNode): boolean {
  const modes = filter.at('allowed_override_modes').items()
  return (
    filter.at('allow_mode_override').value === true &&
    modes.length > 0 &&
    modes.every(
      (mode) =>
        mode.at('response_body_mode').value === 'NONE' &&
        ['request_body_mode'].every((name) => [undefined, 'NONE'].includes(mode.at(name).text)) &&
        ['request_header_mode', 'request_trailer_mode', 'response_trailer_mode'].every((name) =>
          [undefined, 'SKIP'].includes(mode.at(name).text),
        ),
    )
  )
}
