import { authzClusters } from '../../config/authz-clusters.ts'
import { isBounded } from '../../config/duration.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

const MAX_SECONDS = 5

export const rule: Rule = {
  holds: 'an idle Envoy recovers within seconds after authz is back',
  check: (parsed) =>
    authzClusters(parsed)
      .flatMap((cluster) => cluster.at('health_checks').items())
      .filter((check) => !isBounded(check.at('no_traffic_interval'), MAX_SECONDS))
      .map((check) =>
        finding(check, {
          risk: 'An idle Envoy probes once a minute, and answers 503 for that long after authz is back.',
          fix: 'Remove health_checks, or set no_traffic_interval: 1s.',
        }),
      ),
}
