import type { Server } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import { AUTHORIZATION_SERVICE } from '../../proto/load.ts'

/** Names in the gRPC health protocol. The empty one, and Envoy's service: the process answers. */
const ANSWERING = ['', AUTHORIZATION_SERVICE]
/** Redis answers and the subscription is live: every session can be read now. */
const READY = 'ready'
/** Was ready once. A Redis outage must not restart tasks. */
const STARTED = 'started'

/** The gRPC health service (grpc.health.v1). */
export class Health {
  readonly #statuses = new HealthImplementation(
    Object.fromEntries([
      ...ANSWERING.map((name) => [name, 'SERVING'] as const),
      [READY, 'NOT_SERVING'],
      [STARTED, 'NOT_SERVING'],
    ]),
  )
  #isStopped = false

  addTo(server: Server): void {
    this.#statuses.addToServer(server)
  }

  setReady(isReady: boolean): void {
    if (this.#isStopped) return
    this.#statuses.setStatus(READY, isReady ? 'SERVING' : 'NOT_SERVING')
    if (isReady) this.#statuses.setStatus(STARTED, 'SERVING')
  }

  stop(): void {
    this.#isStopped = true
    for (const name of [...ANSWERING, READY, STARTED]) this.#statuses.setStatus(name, 'NOT_SERVING')
  }
}
