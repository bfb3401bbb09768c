import { AUTHZ_HEADERS, IDENTITY_HEADERS, isReserved } from '../../../../core/http/reserved-headers.ts'
import { fieldsNamed } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'no route removes or adds a header that authz sets',
  check: ({ managers }) =>
    managers.flatMap(({ node }) => {
      const removed = fieldsNamed(node, ['request_headers_to_remove']).flatMap((names) => names.items())
      const added = fieldsNamed(node, ['request_headers_to_add'])
        .flatMap((headers) => headers.items())
        .map((option) => option.at('header', 'key'))
      return [
        ...removed
          .filter(({ text }) => text === undefined || isSetByAuthz(text))
          .map((name) =>
            finding(name, {
              risk: 'Envoy removes it after authz set it, so the service gets no credential.',
              fix: 'Move it to early_header_mutation_extensions.',
            }),
          ),
        ...added
          .filter(({ text }) => text === undefined || isSetByAuthz(text) || /^(:|host$)/i.test(text))
          .map((name) =>
            finding(name, {
              risk: 'It overrides the value of authz, or is appended to it: every request gets this identity, path or host.',
              fix: 'Remove the header: only authz sets it.',
            }),
          ),
      ]
    }),
}

const SET_BY_AUTHZ = {
  prefixes: IDENTITY_HEADERS.prefixes,
  names: [...IDENTITY_HEADERS.names, ...AUTHZ_HEADERS],
}

function isSetByAuthz(header: string): boolean {
  return isReserved(SET_BY_AUTHZ, header.toLowerCase())
}
