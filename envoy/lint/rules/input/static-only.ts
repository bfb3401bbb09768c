import { fieldsNamed } from '../../config/find.ts'
import { unlessOneOf, whereverSet } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Fields by which Envoy takes configuration, or a secret, from elsewhere while it runs. */
const FROM_ELSEWHERE = [
  'dynamic_resources',
  'rds',
  'scoped_routes',
  'vhds',
  'config_discovery',
  'eds_cluster_config',
  'tls_certificate_sds_secret_configs',
  'validation_context_sds_secret_config',
]

export const rule: Rule = {
  holds: 'what was checked is all that runs: nothing is taken from elsewhere later',
  check: ({ root, clusters }) => [
    ...whereverSet(fieldsNamed(root, FROM_ELSEWHERE), {
      risk: 'Envoy takes this part from elsewhere while it runs, so routes or filters can change unchecked.',
      fix: 'Write it into this file.',
    }),
    ...unlessOneOf(
      clusters.map((cluster) => cluster.at('type')),
      ['STATIC', 'STRICT_DNS', 'LOGICAL_DNS'],
      {
        risk: 'The addresses of this cluster come from elsewhere, or from the request itself (ORIGINAL_DST).',
        fix: 'Set type: STATIC, STRICT_DNS or LOGICAL_DNS.',
      },
    ),
  ],
}
