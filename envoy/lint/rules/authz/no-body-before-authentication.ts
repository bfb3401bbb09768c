import { fieldsNamed } from '../../config/find.ts'
import { whereverSet } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'nothing is buffered for somebody who has shown no credential',
  check: ({ managers }) =>
    whereverSet(
      managers.flatMap(({ node, stages }) =>
        stages
          .slice(0, 1)
          .flatMap(({ name, config }) => [
            config.at('with_request_body'),
            ...fieldsNamed(node, ['typed_per_filter_config']).map((settings) =>
              settings.at(name, 'check_settings', 'with_request_body'),
            ),
          ]),
      ),
      {
        risk: 'Anybody makes Envoy hold whole bodies in memory and send them to authz before it knows who asks.',
        fix: 'Leave with_request_body to the later stage, which asks only for sessions that need it.',
      },
    ),
}
