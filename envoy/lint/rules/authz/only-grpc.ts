import { finding, whereverSet } from '../../finding.ts'
import { fieldsNamed } from '../../config/find.ts'
import type { Rule } from '../../rule.ts'
import { stagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'Envoy asks authz over gRPC, in API version V3, at a cluster of this file',
  check: (parsed) => [
    ...whereverSet(fieldsNamed(parsed.root, ['http_service', 'google_grpc']), {
      risk: 'The HTTP client of ext_authz had a use after free (CVE-2026-50572), and authz speaks gRPC only.',
      fix: 'Use grpc_service.envoy_grpc.',
    }),
    ...fieldsNamed(parsed.root, ['grpc_service'])
      .map((service) => service.at('envoy_grpc', 'cluster_name'))
      .filter(({ text }) => parsed.cluster(text) === undefined)
      .map((name) =>
        finding(name, {
          risk: 'This file has no such cluster.',
          fix: 'Set cluster_name to a cluster of this file.',
        }),
      ),
    ...stagesOf(parsed)
      .map(({ config }) => config.at('transport_api_version'))
      .filter(({ value }) => value !== 'V3')
      .map((version) =>
        finding(version, {
          risk: 'Envoy uses an API version that authz does not have.',
          fix: 'Set transport_api_version: V3.',
        }),
      ),
  ],
}
