import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js'
import { parse, stringify } from 'yaml'
import type { ProcessingRequest } from '../../../../authz/envoy/processing.ts'
import { loadProcessor } from '../../../../proto/load.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'

/** A list filter that misbehaves as ours never does. */
export type Conduct = (call: ServerDuplexStream<ProcessingRequest, object>) => void

/** Answers Envoy's list filter in place of authz. */
export class ListStandIn {
  conduct: Conduct = (call) => call.end()
  #socket = ''

  /** Points only the list filter of this configuration here. */
  readonly changeEnvoyConfig = (rendered: string): string => {
    const config = parse(rendered) as Tree
    const authz = objectsIn(config).find(({ name, load_assignment }) => name === 'authz' && load_assignment)
    const filter = objectsIn(config).find((each) => String(each['@type']).endsWith('.ExternalProcessor'))
    const { pipe } = objectsIn(authz).find(({ pipe }) => pipe !== undefined) as { pipe: { path: string } }
    this.#socket = pipe.path.replace('authz.sock', 'stand-in.sock')
    const cluster = JSON.parse(JSON.stringify(authz).replaceAll(pipe.path, this.#socket)) as Tree
    cluster.name = 'stand-in'
    const { static_resources } = config as { static_resources: { clusters: Tree[] } }
    static_resources.clusters.push(cluster)
    const { grpc_service } = filter as { grpc_service: { envoy_grpc: Tree } }
    grpc_service.envoy_grpc.cluster_name = 'stand-in'
    return stringify(config, { aliasDuplicateObjects: false })
  }

  async start(): Promise<void> {
    const server = new Server()
    server.addService(loadProcessor(), {
      Process: (call: ServerDuplexStream<ProcessingRequest, object>) => {
        call.on('error', () => undefined)
        this.conduct(call)
      },
    })
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    server.bindAsync(`unix:${this.#socket}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve(undefined) : reject(error),
    )
    await promise
    closeAfterAll(() => server.forceShutdown())
  }
}

type Tree = Record<string, unknown>

function objectsIn(value: unknown): Tree[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  if (typeof value !== 'object' || value === null) return []
  return [value as Tree, ...Object.values(value).flatMap(objectsIn)]
}
