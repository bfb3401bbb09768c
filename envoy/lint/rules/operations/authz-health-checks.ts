import { authzClusters } from '../../config/authz-clusters.ts'
import { isBounded } from '../../config/duration.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

/** As long as recovery may take (issue 6: within 5 s of the part's return). */
const LONGEST_SECONDS = 5

export const rule: Rule = {
  holds: 'an idle gate opens again as soon as authz is back',
  check: (parsed) =>
    authzClusters(parsed)
      .flatMap((cluster) => cluster.at('health_checks').items())
      .filter((check) => !isBounded(check.at('no_traffic_interval'), LONGEST_SECONDS))
      .map((check) =>
        finding(check, {
          risk: 'While nothing is asked, Envoy probes once a minute: everything stays 503 that long after authz is back.',
          fix: 'Leave active health checks off for authz, or set no_traffic_interval: 1s.',
        }),
      ),
}
