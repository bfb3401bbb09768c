import { fieldsNamed } from '../../config/find.ts'
import { whereverSet } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'Envoy buffers no body before authz has accepted the credential',
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
        risk: 'An attacker without a credential makes Envoy hold whole bodies in memory and send them to authz.',
        fix: 'Remove with_request_body here; the later stage has it, and runs only for sessions that need it.',
      },
    ),
}
