import { addressesOf, isLocal, isPlaintextAccepted, tlsOf } from '../../config/cluster.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'nothing leaves this machine without TLS, unless the entry of a service says so aloud',
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
          risk: 'Whoever is on the way reads Quilt credentials, and answers in the place of the service.',
          fix: 'Use https (an UpstreamTlsContext), or a loopback address or socket; plaintext: true in the entry of a service accepts it.',
        }),
      ),
}
