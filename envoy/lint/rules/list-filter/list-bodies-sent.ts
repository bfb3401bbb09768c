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
  holds: 'the list filter gets headers and body of an answer, and no part of a request',
  check: (parsed) =>
    listFiltersOf(parsed)
      .map((filter) => filter.at('processing_mode'))
      .flatMap((mode) =>
        Object.entries(MODES).flatMap(([name, accepted]) =>
          unlessOneOf([mode.at(name)], accepted, {
            risk: 'authz filters only bodies that it is sent; BUFFERED delays streams, and FULL_DUPLEX_STREAMED hangs without a timeout.',
            fix: `Set processing_mode.${name}: ${accepted[0] ?? ''}.`,
          }),
        ),
      ),
}
