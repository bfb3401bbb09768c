import type { ParsedConfig } from './parsed-config.ts'
import { fieldsNamed } from './find.ts'
import type { ConfigNode } from './config-node.ts'

/** The clusters that filters ask over gRPC: authz. */
export function authzClusters({ root, cluster }: ParsedConfig): readonly ConfigNode[] {
  const names = fieldsNamed(root, ['grpc_service']).map(
    (service) => service.at('envoy_grpc', 'cluster_name').text,
  )
  return [...new Set(names)].map(cluster).filter((found) => found !== undefined)
}
