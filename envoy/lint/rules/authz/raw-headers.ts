import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { stagesOf } from '../../stages.ts'

export const rawHeaders: Rule = {
  name: 'raw-headers',
  holds: 'authz sees each header apart and byte for byte',
  check: (edge) =>
    unlessOneOf(
      stagesOf(edge).map(({ config }) => config.at('encode_raw_headers')),
      [true],
      {
        risk: 'Headers sent twice are joined and bytes outside ASCII become "!": authz judges another request than the service gets.',
        fix: 'Set encode_raw_headers: true.',
      },
    ),
}
