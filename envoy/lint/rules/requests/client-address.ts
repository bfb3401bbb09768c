import { finding, unlessOneOf, whereverSet } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

const MAX_HOPS = 9

export const rule: Rule = {
  holds: "the client's address is the one that the last load balancer wrote",
  check({ managers }) {
    const nodes = managers.map(({ node }) => node)
    return [
      ...unlessOneOf(
        nodes.map((node) => node.at('use_remote_address')),
        [true],
        {
          risk: 'Envoy believes x-forwarded-for, x-envoy-* and the scheme as clients send them.',
          fix: 'Set use_remote_address: true.',
        },
      ),
      ...nodes
        .map((node) => node.at('xff_num_trusted_hops'))
        .filter(({ value }) => !isHops(value))
        .map((node) =>
          finding(node, {
            risk: 'With more hops than there are load balancers, a client chooses its own address.',
            fix: `Set xff_num_trusted_hops to the number of load balancers in front, 0 to ${MAX_HOPS}.`,
          }),
        ),
      ...whereverSet(
        nodes.flatMap((node) =>
          ['original_ip_detection_extensions', 'internal_address_config', 'skip_xff_append'].map((name) =>
            node.at(name),
          ),
        ),
        {
          risk: 'Envoy also takes the address from another header, or believes x-envoy-* headers of internal addresses.',
          fix: 'Remove the field: use_remote_address and xff_num_trusted_hops are enough.',
        },
      ),
    ]
  },
}

function isHops(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_HOPS
}
