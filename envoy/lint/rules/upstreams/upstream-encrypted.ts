import { addressesOf, isLocal, isPlaintextAccepted, tlsOf } from '../../config/cluster.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'Envoy sends nothing to another machine without TLS, unless the entry of a service allows it',
  check: ({ clusters }) =>
    clusters
      .filter((cluster) => tlsOf(cluster) === undefined && !isPlaintextAccepted(cluster))
      .flatMap((cluster) => {
        const addresses = addressesOf(cluster)
        return addresses.length === 0 ? [cluster.at('load_assignment')] : addresses
      })
      .filter((address) => !isLocal(address))
      .map((address) =>
        finding(address, {
          risk: 'An attacker in the network reads Quilt credentials, and answers in the place of the service.',
          fix: 'Set transport_socket to an UpstreamTlsContext, or address to loopback or a socket; or set plaintext: true in the entry of the service.',
        }),
      ),
}
