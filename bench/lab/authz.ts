import { join } from 'node:path'
import process from 'node:process'
import { NODE_ARGUMENTS } from '../../authz/node-arguments.ts'
import { answersGrpcHealth } from '../../deploy/container/answers-grpc-health.ts'
import type { Identity } from './identity.ts'
import { launch, type Running, type BenchContext } from './launch.ts'

const MAIN = join(import.meta.dirname, '../../authz/main.ts')

/** Starts authz as in production, with every default but `environment`. */
export async function startAuthz(
  options: {
    readonly name: string
    readonly identity: Identity
    readonly redisUrl: string
    readonly registryUrl: string
    readonly environment?: Readonly<Record<string, string>>
  },
  context: BenchContext,
): Promise<Running> {
  const { name, identity } = options
  const socket = join(context.folder, `${name}.sock`)
  return await launch(
    {
      name,
      command: process.execPath,
      args: [...NODE_ARGUMENTS, MAIN],
      environment: {
        CONNECT_ORIGIN: identity.origin,
        CONNECT_SERVICES: identity.serviceList,
        CONNECT_SEALING_KEYS: identity.secrets.sealingKeys,
        CONNECT_PUBLIC_KEYS: identity.secrets.publicKeys,
        REDIS_URL: options.redisUrl,
        QUILT_REGISTRY_URL: options.registryUrl,
        AUTHZ_LISTEN: `unix:${socket}`,
        METRICS_LISTEN: `unix:${join(context.folder, `${name}-metrics.sock`)}`,
        ...options.environment,
      },
      isReady: () => answersGrpcHealth(socket),
    },
    context,
  )
}
