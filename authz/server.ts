import { chmodSync } from 'node:fs'
import { promisify } from 'node:util'
import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import { removeStaleSocket, SOCKET_MODE } from '../core/listen.ts'
import type { ListenAddress } from '../core/settings.ts'
import { AUTHORIZATION_SERVICE, loadAuthorization } from '../proto/load.ts'
import type { Caller } from './caller.ts'
import type { CheckRequest } from './check/check-request.ts'
import type { CheckResponse } from './check/check-response.ts'
import type { Check } from './check/check.ts'

/** Envoy's limit for a request's headers is 60 KiB, and of the request nothing else is sent. */
const LARGEST_MESSAGE_BYTES = 256 * 1024
/** Checks in flight take milliseconds; whoever holds a call open longer is cut off. */
const SHUTDOWN_MS = 3000

/** A gRPC server that listens. */
export interface RunningServer {
  /** Says no more that it is healthy, answers what is in flight, and closes. */
  stop(): Promise<void>
}

/** Serves Envoy's question, and grpc.health.v1 for both the server and the service. */
export async function startServer(check: Check, address: ListenAddress): Promise<RunningServer> {
  const server = new Server({
    'grpc.max_receive_message_length': LARGEST_MESSAGE_BYTES,
    // It would keep a record of each connection and call, and nobody reads it.
    'grpc.enable_channelz': 0,
  })
  server.addService(loadAuthorization(), { Check: checkHandler(check) })
  const health = new HealthImplementation({ '': 'SERVING', [AUTHORIZATION_SERVICE]: 'SERVING' })
  health.addToServer(server)
  await bind(server, address)
  return {
    stop: async () => {
      health.setStatus('', 'NOT_SERVING')
      health.setStatus(AUTHORIZATION_SERVICE, 'NOT_SERVING')
      await shutDown(server)
    },
  }
}

function checkHandler(check: Check) {
  return (call: ServerUnaryCall<CheckRequest, CheckResponse>, done: sendUnaryData<CheckResponse>): void => {
    check(call.request, callerOf(call)).then(
      (response) => done(null, response),
      // Envoy answers 503 for it: it fails closed.
      () => done({ code: status.INTERNAL }),
    )
  }
}

function callerOf(call: ServerUnaryCall<CheckRequest, CheckResponse>): Caller {
  return {
    get ended() {
      return call.cancelled || Number(call.getDeadline()) <= Date.now()
    },
  }
}

async function bind(server: Server, address: ListenAddress): Promise<void> {
  if ('path' in address) await removeStaleSocket(address.path)
  const bindAsync = promisify(server.bindAsync.bind(server))
  await bindAsync(targetOf(address), ServerCredentials.createInsecure())
  if ('path' in address) chmodSync(address.path, SOCKET_MODE)
}

function targetOf(address: ListenAddress): string {
  if ('path' in address) return `unix:${address.path}`
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), SHUTDOWN_MS)
    server.tryShutdown(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
