import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'no client can claim a certificate in a header (x-forwarded-client-cert)',
  check: ({ managers }) =>
    unlessOneOf(
      managers.map(({ node }) => node.at('forward_client_cert_details')),
      [undefined, 'SANITIZE'],
      {
        risk: 'x-forwarded-client-cert from outside reaches the service, which may take it for proof.',
        fix: 'Take it out, or set SANITIZE.',
      },
    ),
}
