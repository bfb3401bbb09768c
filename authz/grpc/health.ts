import { loadHealth, methodOf } from '../../proto/load.ts'
import { unary, type UnaryMethod } from './method.ts'
import { GrpcError, STATUS } from './status.ts'

/** A service's name, and nothing else. */
const LARGEST_MESSAGE_BYTES = 1024

/** Of grpc.health.v1.HealthCheckResponse.ServingStatus. */
type ServingStatus = 1 | 2
const SERVING: ServingStatus = 1
const NOT_SERVING: ServingStatus = 2

interface HealthRequest {
  readonly service?: string
}

/** grpc.health.v1: whether the server, which has the empty name, and its services are ready for calls. */
export class Health {
  readonly method: UnaryMethod
  #status = SERVING

  /** @param services - by their full names */
  constructor(services: readonly string[]) {
    const known = new Set(['', ...services])
    const answer = ({ service = '' }: HealthRequest) => {
      if (!known.has(service)) throw new GrpcError(STATUS.NOT_FOUND, 'there is no such service')
      return Promise.resolve({ status: this.#status })
    }
    this.method = unary(methodOf(loadHealth(), 'Check'), LARGEST_MESSAGE_BYTES, answer)
  }

  /** From now on says that nobody should call. */
  stop(): void {
    this.#status = NOT_SERVING
  }
}
