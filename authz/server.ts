import { Server, type ServiceDefinition } from '@grpc/grpc-js'
import type { ListenAddress } from '../core/config/settings.ts'
import { loadAuthorization, loadProcessor, methodOf } from '../proto/load.ts'
import { MAX_BODY_BYTES } from './read-access/received-body.ts'
import { bidiStream, unary } from './envoy/grpc-handlers.ts'
import { boundedBy, listenForCalls } from './envoy/grpc-server.ts'
import type { Health } from './envoy/health.ts'
import { dispatch, inListFilterSpan, type Stages } from './stages/dispatch.ts'

/** A body and headers: Envoy limits headers to 48 KiB (envoy.yaml) and sends some twice. */
const MAX_CHECK_BYTES = MAX_BODY_BYTES + 256 * 1024
/** Envoy sends all that arrived while it waited for authz. */
const MAX_CHUNK_BYTES = 8 * 1_048_576 + 64 * 1024

export interface RunningServer {
  /** Reports NOT_SERVING, finishes the calls in flight, and closes. */
  stop(): Promise<void>
}

export async function startServer(
  stages: Stages,
  address: ListenAddress,
  health: Health,
): Promise<RunningServer> {
  const server = new Server(boundedBy(Math.max(MAX_CHECK_BYTES, MAX_CHUNK_BYTES)))
  server.addService(authorization(), { Check: unary(dispatch(stages)) })
  server.addService(loadProcessor(), { Process: bidiStream(stages.listFilter, inListFilterSpan) })
  health.addTo(server)
  const listening = await listenForCalls(server, address)
  return {
    stop: async () => {
      health.stop()
      await listening.stop()
    },
  }
}

/** Lowers the size limit of checks: grpc-js has one limit for all methods. Larger requests end with INTERNAL. */
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
