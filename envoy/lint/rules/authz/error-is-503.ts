import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { stagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'Envoy answers 503 when authz fails',
  check: (parsed) =>
    unlessOneOf(
      stagesOf(parsed).map(({ config }) => config.at('status_on_error', 'code')),
      ['ServiceUnavailable'],
      {
        risk: 'The default is 403; with 401 clients discard their tokens and ask the user to sign in again; with 200 a failure looks like success.',
        fix: 'Set status_on_error: { code: ServiceUnavailable }.',
      },
    ),
}
