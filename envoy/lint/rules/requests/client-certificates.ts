import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'no client can claim a certificate in a header (x-forwarded-client-cert)',
  check: ({ managers }) =>
    unlessOneOf(
      managers.map(({ node }) => node.at('forward_client_cert_details')),
      [undefined, 'SANITIZE'],
      {
        risk: 'A service may believe x-forwarded-client-cert as a client sends it.',
        fix: 'Remove forward_client_cert_details, or set SANITIZE.',
      },
    ),
}
