import { Server, type ServiceDefinition } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import type { ListenAddress } from '../core/config/settings.ts'
import { AUTHORIZATION_SERVICE, loadAuthorization, loadProcessor, methodOf } from '../proto/load.ts'
import { LARGEST_BODY_BYTES } from './read-access/received-body.ts'
import { bidiStream, unary } from './envoy/grpc-handlers.ts'
import { boundedBy, listenForCalls } from './envoy/grpc-server.ts'
import { dispatch, type Stages } from './stages/dispatch.ts'

/** Envoy's limit for a request's headers is 48 KiB (envoy.yaml), some of which come twice, and a body with them. */
const MAX_CHECK_BYTES = LARGEST_BODY_BYTES + 256 * 1024
/** Envoy sends what has arrived while it waited for us: all of an answer, where its service is quick. */
const MAX_CHUNK_BYTES = 8 * 1_048_576 + 64 * 1024

/** The gate's gRPC server, listening. */
export interface RunningServer {
  /** Reports NOT_SERVING, answers what is in flight, and closes. */
  stop(): Promise<void>
}

/** Serves Envoy's ext_authz and ext_proc calls, and grpc.health.v1 for the server and the authorization service. */
export async function startServer(stages: Stages, address: ListenAddress): Promise<RunningServer> {
  const health = new HealthImplementation({ '': 'SERVING', [AUTHORIZATION_SERVICE]: 'SERVING' })
  const server = new Server(boundedBy(Math.max(MAX_CHECK_BYTES, MAX_CHUNK_BYTES)))
  server.addService(authorization(), { Check: unary(dispatch(stages)) })
  server.addService(loadProcessor(), { Process: bidiStream(stages.listFilter) })
  health.addToServer(server)
  const listening = await listenForCalls(server, address)
  return {
    stop: async () => {
      health.setStatus('', 'NOT_SERVING')
      health.setStatus(AUTHORIZATION_SERVICE, 'NOT_SERVING')
      await listening.stop()
    },
  }
}

/** grpc-js has one size limit for all methods; a check's own is lower, and a larger request ends with INTERNAL. */
function authorization(): ServiceDefinition {
  const service = loadAuthorization()
  const { requestDeserialize, ...check } = methodOf(service, 'Check')
  return {
    ...service,
    Check: {
      ...check,
      requestDeserialize: (bytes) => {
        if (bytes.length > MAX_CHECK_BYTES) throw new RangeError('the CheckRequest is too large')
        return requestDeserialize(bytes)
      },
    },
  }
}
