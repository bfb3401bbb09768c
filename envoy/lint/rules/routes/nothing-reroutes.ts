import { fieldsNamed } from '../../config/find.ts'
import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Fields by which Envoy sends a request to another server than its route says. */
const REROUTING = [
  'clear_route_cache',
  'clear_route_cache_headers',
  'cluster_header',
  'cluster_specifier_plugin',
  'inline_cluster_specifier_plugin',
  'weighted_clusters',
  'internal_redirect_policy',
  'internal_redirect_action',
  'request_mirror_policies',
  'transport_socket_matches',
  'cluster_type',
  'original_dst_lb_config',
]

export const rule: Rule = {
  holds: 'a request goes only where its route led when Envoy asked authz',
  check: ({ root }) =>
    unlessOneOf(fieldsNamed(root, REROUTING), [undefined, false], {
      risk: 'Envoy sends a request that authz allowed for one service, with its credential, to another server.',
      fix: 'Remove the field: one route, one cluster.',
    }),
}
