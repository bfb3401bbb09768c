import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../../../core/config/environment.ts'
import { answersHttp } from '../../../deploy/container/answers-http.ts'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { makeLocalSecrets } from '../../../deploy/local/context/local-secrets.ts'
import { freeStackPorts } from '../../../deploy/local/context/ports.ts'
import { serviceList } from '../../../deploy/local/context/service-list.ts'
import { identityProviderUrl, socketPath } from '../../../deploy/local/context/addresses.ts'
import type { StackContext } from '../../../deploy/local/context/stack-context.ts'
import { identityProvider, registry } from '../../../deploy/local/processes/demo.ts'
import { nodeProcess } from '../../../deploy/local/processes/node-process.ts'
import type { ProcessSpec } from '../../../deploy/local/processes/process-spec.ts'
import { authz, consentUi } from '../../../deploy/local/processes/services.ts'
import { valkey } from '../../../deploy/local/processes/valkey.ts'
import { createOrphanGuard } from '../../../deploy/local/supervisor/orphan-guard.ts'
import { SupervisedProcess } from '../../../deploy/local/supervisor/supervised-process.ts'
import { ENVOY, VALKEY } from '../../../deploy/local/tools/binaries.ts'
import { findBinary } from '../../../deploy/local/tools/find-binary.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'

/** Envoy, authz and consent-ui, as the containers of one ECS task. */
export interface Task {
  /** Of Envoy. */
  readonly port: number
  /** As ECS stops a task: Envoy first, which drains, then the others. */
  stop(): Promise<void>
}

/** Everything that tasks share: host name, keys, store, Registry and identity provider. */
export interface TaskSet {
  readonly origin: string
  readonly mcpUrl: string
  /** Where a browser goes in a sign-in. */
  readonly origins: readonly string[]
  readonly secrets: StackContext['secrets']
  readonly lines: readonly string[]
  startTask(): Promise<Task>
}

interface TaskSetOptions {
  readonly serviceUrl: URL
  /** Of the load balancer. */
  readonly port: number
  readonly envoy: Environment
}

export async function startTaskSet(options: TaskSetOptions): Promise<TaskSet> {
  const origin = `http://localhost:${options.port}`
  const folder = await mkdtemp(join(tmpdir(), 'connect-tasks-'))
  const orphanGuard = createOrphanGuard(folder)
  closeAfterAll(async () => {
    await orphanGuard.release()
    await rm(folder, { recursive: true, force: true })
  })
  const lines: string[] = []
  const write = (from: string, line: string): void => void lines.push(`${from} ${line}`)
  const shared: StackContext = {
    ports: await freeStackPorts(),
    origin,
    secrets: makeLocalSecrets(origin),
    folder,
    binaries: { envoy: await findBinary(ENVOY), valkey: await findBinary(VALKEY) },
    logLevel: 'info',
    service: options.serviceUrl,
  }

  async function start(spec: ProcessSpec): Promise<SupervisedProcess> {
    const process = new SupervisedProcess(spec, { write, orphanGuard })
    closeAfterAll(() => process.stop())
    await process.start()
    return process
  }

  await Promise.all([valkey, identityProvider, registry].map((spec) => start(spec(shared))))

  return {
    origin,
    mcpUrl: `${origin}/mcp/platform/mcp`,
    origins: [origin, identityProviderUrl(shared)],
    secrets: shared.secrets,
    lines,
    async startTask() {
      const [port = 0] = await freePorts(1)
      const taskFolder = await mkdtemp(join(folder, 'task-'))
      const ports = { ...shared.ports, connect: port }
      const context = { ...shared, ports, folder: taskFolder, sharesStoreWith: shared }
      const ours = await Promise.all([authz(context), consentUi(context)].map(start))
      const envoy = await start(runEnvoy(context, options.envoy))
      return {
        port,
        async stop() {
          await envoy.stop()
          await Promise.all(ours.map((process) => process.stop()))
        },
      }
    },
  }
}

/** The first process of the container `envoy`, behind one load balancer. */
function runEnvoy(context: StackContext, more: Environment): ProcessSpec {
  const admin = socketPath(context, 'envoy-admin')
  return nodeProcess('envoy', {
    main: 'deploy/container/run-envoy.ts',
    environment: {
      CONNECT_ORIGIN: context.origin,
      ENVOY_BIN: context.binaries.envoy,
      ENVOY_LISTEN: `127.0.0.1:${context.ports.connect}`,
      ENVOY_ADMIN_SOCKET: admin,
      ENVOY_TRUSTED_HOPS: '1',
      AUTHZ_LISTEN: `unix:${socketPath(context, 'authz')}`,
      CONSENT_UI_LISTEN: `unix:${socketPath(context, 'consent-ui')}`,
      CONNECT_SERVICES: serviceList(context),
      ...more,
    },
    isHealthy: () => answersHttp({ socketPath: admin, path: '/ready' }),
  })
}
