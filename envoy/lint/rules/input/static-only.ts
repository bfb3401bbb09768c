import { fieldsNamed } from '../../config/find.ts'
import { unlessOneOf, whereverSet } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Fields by which Envoy loads configuration or secrets from elsewhere while it runs. */
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
  holds: 'Envoy runs exactly the file that was checked, and loads nothing later',
  check: ({ root, clusters }) => [
    ...whereverSet(fieldsNamed(root, FROM_ELSEWHERE), {
      risk: 'Envoy loads this part from elsewhere while it runs, so routes or filters can change unchecked.',
      fix: 'Write the content into this file.',
    }),
    ...unlessOneOf(
      clusters.map((cluster) => cluster.at('type')),
      ['STATIC', 'STRICT_DNS', 'LOGICAL_DNS'],
      {
        risk: 'The addresses of this cluster come from another server, or from the request itself (ORIGINAL_DST).',
        fix: 'Set type: STATIC, STRICT_DNS or LOGICAL_DNS.',
      },
    ),
  ],
}
