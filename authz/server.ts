import type { ListenAddress } from '../core/settings.ts'
import { AUTHORIZATION_SERVICE, loadProcessor, methodOf } from '../proto/load.ts'
import { LARGEST_BODY_BYTES } from './access/received-body.ts'
import type { CheckResponse } from './check/check-response.ts'
import { writeResponse } from './check/write-response.ts'
import { Health } from './grpc/health.ts'
import { stream, unary, type Definition } from './grpc/method.ts'
import { GrpcServer } from './grpc/server.ts'
import { dispatch, type Stages } from './stages.ts'

/** Envoy's limit for a request's headers is 48 KiB (envoy.yaml), some of which come twice, and a body with them. */
const LARGEST_CHECK_BYTES = LARGEST_BODY_BYTES + 256 * 1024
/** Envoy hands over whatever has come while it waited for us: all of an answer, where its service is quick. */
const LARGEST_CHUNK_BYTES = 8 * 1_048_576 + 64 * 1024

/** Each check reads its request itself. */
const CHECK: Definition = {
  path: `/${AUTHORIZATION_SERVICE}/Check`,
  requestDeserialize: (bytes) => bytes,
  responseSerialize: (response) => writeResponse(response as CheckResponse),
}

/** A gRPC server that listens. */
export interface RunningServer {
  /** Says no more that it is healthy, answers what is in flight, and closes. */
  stop(): Promise<void>
}

/** Serves Envoy's questions, and grpc.health.v1 for both the server and the service. */
export async function startServer(stages: Stages, address: ListenAddress): Promise<RunningServer> {
  const health = new Health([AUTHORIZATION_SERVICE])
  const server = new GrpcServer([
    unary(CHECK, LARGEST_CHECK_BYTES, dispatch(stages)),
    stream(methodOf(loadProcessor(), 'Process'), LARGEST_CHUNK_BYTES, stages.listFilter),
    health.method,
  ])
  await server.listen(address)
  return {
    stop: async () => {
      health.stop()
      await server.stop()
    },
  }
}
