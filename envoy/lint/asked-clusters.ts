import type { Edge } from './edge.ts'
import { fieldsNamed } from './find.ts'
import type { Spot } from './spot.ts'

/** The clusters that a gRPC service asks: authz. A name that there is no cluster for is not among them. */
export function askedClusters({ root, cluster }: Edge): readonly Spot[] {
  const names = fieldsNamed(root, ['grpc_service']).map(
    (service) => service.at('envoy_grpc', 'cluster_name').text,
  )
  return [...new Set(names)].map(cluster).filter((found) => found !== undefined)
}
