import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { stagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'authz gets each header separately and byte for byte',
  check: (parsed) =>
    unlessOneOf(
      stagesOf(parsed).map(({ config }) => config.at('encode_raw_headers')),
      [true],
      {
        risk: 'Envoy joins repeated headers and replaces bytes outside ASCII by "!": authz judges another request than the service gets.',
        fix: 'Set encode_raw_headers: true.',
      },
    ),
}
