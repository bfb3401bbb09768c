import { unlessOneOf } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'

const MODES = {
  request_header_mode: ['SKIP'],
  response_header_mode: ['SEND'],
  request_body_mode: ['NONE', undefined],
  response_body_mode: ['STREAMED'],
  request_trailer_mode: ['SKIP', undefined],
  response_trailer_mode: ['SKIP', undefined],
}

export const rule: Rule = {
  holds: 'the list filter sees headers and body of an answer, and nothing of a request',
  check: (parsed) =>
    listFiltersOf(parsed)
      .map((filter) => filter.at('processing_mode'))
      .flatMap((mode) =>
        Object.entries(MODES).flatMap(([name, accepted]) =>
          unlessOneOf([mode.at(name)], accepted, {
            risk: 'A body that is not sent to the filter is not filtered; BUFFERED holds streams back, FULL_DUPLEX_STREAMED hangs without a timeout.',
            fix: `Set ${name}: ${accepted[0] ?? ''}.`,
          }),
        ),
      ),
}
