import { finding, whereverSet } from '../../finding.ts'
import { fieldsNamed, messagesOf } from '../../find.ts'
import type { Rule } from '../../rule.ts'
import { EXT_AUTHZ_PER_ROUTE } from '../../types.ts'

export const oneAuthz: Rule = {
  name: 'one-authz',
  holds: 'every stage and every route asks the same authz',
  check: ({ root }) => {
    const services = fieldsNamed(root, ['grpc_service']).map((service) =>
      service.at('envoy_grpc', 'cluster_name'),
    )
    const perRoute = messagesOf(root, EXT_AUTHZ_PER_ROUTE).flatMap((settings) =>
      ['grpc_service', 'http_service'].map((name) => settings.at('check_settings', name)),
    )
    return [
      ...whereverSet(perRoute, {
        risk: 'This route asks somebody else whether a request may pass; the override crashed Envoy, too (CVE-2026-47205).',
        fix: 'Take it out.',
      }),
      ...services
        .filter(({ value }) => value !== services[0]?.value)
        .map((name) =>
          finding(name, {
            risk: 'Stages that ask different servers judge by different sessions and policies.',
            fix: 'Name one cluster everywhere.',
          }),
        ),
    ]
  },
}
