import { fieldsNamed } from '../../config/find.ts'
import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** Fields by which a request goes elsewhere than its route said when authz was asked. */
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
  holds: 'a request goes where its route led when authz was asked, and nowhere else',
  check: ({ root }) =>
    unlessOneOf(fieldsNamed(root, REROUTING), [undefined, false], {
      risk: 'A request that authz allowed for one service, with its credential, is sent to another server.',
      fix: 'Take it out: one route, one cluster.',
    }),
}
