import { isDeepStrictEqual } from 'node:util'
import type { ParsedConfig } from '../../config/parsed-config.ts'
import { finding, whereverSet } from '../../finding.ts'
import { fieldsNamed, messagesOf } from '../../config/find.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { EXT_AUTHZ_PER_ROUTE } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'every stage and every route asks the same authz',
  check: ({ root, cluster }) => {
    const services = fieldsNamed(root, ['grpc_service']).map((service) =>
      service.at('envoy_grpc', 'cluster_name'),
    )
    const perRoute = messagesOf(root, EXT_AUTHZ_PER_ROUTE).flatMap((settings) =>
      ['grpc_service', 'http_service'].map((name) => settings.at('check_settings', name)),
    )
    return [
      ...whereverSet(perRoute, {
        risk: 'On this route another server decides; the override also crashed Envoy (CVE-2026-47205).',
        fix: 'Remove the field.',
      }),
      ...services
        .filter((name) => !isDeepStrictEqual(serverOf(name, cluster), serverOf(services[0], cluster)))
        .map((name) =>
          finding(name, {
            risk: 'Stages that ask different servers decide by different sessions and policies.',
            fix: 'Set cluster_name to clusters with the same address.',
          }),
        ),
    ]
  },
}

/** The endpoints of a cluster, or its name if this file has no such cluster. */
function serverOf(name: ConfigNode | undefined, cluster: ParsedConfig['cluster']): unknown {
  return cluster(name?.text)?.at('load_assignment', 'endpoints').value ?? name?.value
}
