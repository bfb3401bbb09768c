import { authzClusters } from '../../config/authz-clusters.ts'
import { addressesOf, isLocal } from '../../config/cluster.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

export const rule: Rule = {
  holds: 'nobody between Envoy and authz can listen or answer: a Unix socket, loopback, or TLS on both sides',
  check: (parsed) =>
    authzClusters(parsed).flatMap((cluster) => {
      if (hasBothCertificates(cluster)) return []
      const addresses = addressesOf(cluster)
      const open =
        addresses.length === 0 ? [cluster.at('load_assignment')] : addresses.filter((a) => !isLocal(a))
      return open.map((address) =>
        finding(address, {
          risk: "authz's answers carry Quilt credentials, and whoever answers in its place opens everything.",
          fix: 'Use a pipe with an absolute path or a loopback address, or TLS with tls_certificates of our own.',
        }),
      )
    }),
}

/** That the other side is verified as well is the rule upstream-verified. */
function hasBothCertificates(cluster: ConfigNode): boolean {
  const context = cluster.at('transport_socket', 'typed_config', 'common_tls_context')
  return context.at('tls_certificates').items().length > 0 && context.at('validation_context').exists
}
