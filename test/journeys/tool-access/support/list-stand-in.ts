import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js'
import { parse, stringify } from 'yaml'
import type { ProcessingRequest } from '../../../../authz/envoy/processing.ts'
import { loadProcessor } from '../../../../proto/load.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'

/** What Envoy calls, as a test wants it to behave; ours never behaves like any of these. */
export type Conduct = (call: ServerDuplexStream<ProcessingRequest, object>) => void

/** Answers Envoy's list filter in authz's place, however badly. */
export class ListStandIn {
  conduct: Conduct = (call) => call.end()
  #socket = ''

  /** Sends the list filter of this configuration here; everything else still asks authz. */
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

  /** When the stack runs. */
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

/** Every object below, itself included. */
function objectsIn(value: unknown): Tree[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  if (typeof value !== 'object' || value === null) return []
  return [value as Tree, ...Object.values(value).flatMap(objectsIn)]
}
