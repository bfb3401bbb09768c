import { authzClusters } from '../../config/authz-clusters.ts'
import { addressesOf, isLocal } from '../../config/cluster.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

export const rule: Rule = {
  holds: 'Envoy reaches authz through a Unix socket, loopback, or TLS with certificates on both sides',
  check: (parsed) =>
    authzClusters(parsed).flatMap((cluster) => {
      if (hasBothCertificates(cluster)) return []
      const addresses = addressesOf(cluster)
      const open =
        addresses.length === 0 ? [cluster.at('load_assignment')] : addresses.filter((a) => !isLocal(a))
      return open.map((address) =>
        finding(address, {
          risk: "authz's answers carry Quilt credentials, and an attacker who answers in its place opens every service.",
          fix: 'Set address to a pipe with an absolute path or to loopback, or set tls_certificates and validation_context.',
        }),
      )
    }),
}

/** The rule upstream-verified checks the verification itself. */
function hasBothCertificates(cluster: ConfigNode): boolean {
  const context = cluster.at('transport_socket', 'typed_config', 'common_tls_context')
  return context.at('tls_certificates').items().length > 0 && context.at('validation_context').exists
}
