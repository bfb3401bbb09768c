import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { stagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'our own trouble is answered with 503',
  check: (parsed) =>
    unlessOneOf(
      stagesOf(parsed).map(({ config }) => config.at('status_on_error', 'code')),
      ['ServiceUnavailable'],
      {
        risk: 'Unset it is 403; with 401 every client throws its tokens away and asks its person again; with 200 a failure looks like success.',
        fix: 'Set status_on_error: { code: ServiceUnavailable }.',
      },
    ),
}
