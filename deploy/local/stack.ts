import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../../core/config/environment.ts'
import type { StackContext, ServiceChoice } from './context/stack-context.ts'
import { keptSecrets } from './context/kept-secrets.ts'
import { makeLocalSecrets, type LocalSecrets } from './context/local-secrets.ts'
import { createOrphanGuard } from './supervisor/orphan-guard.ts'
import type { ProcessSpec, ProcessName } from './processes/process-spec.ts'
import { startOrder } from './processes/start-order.ts'
import { requireFree, type Ports } from './context/ports.ts'
import { SupervisedProcess, type ProcessFailed } from './supervisor/supervised-process.ts'
import { ENVOY, VALKEY } from './tools/binaries.ts'
import { findBinary } from './tools/find-binary.ts'

export interface StackOptions {
  readonly ports: Ports
  /** A running stack with the same store, Registry, sample files and secrets: this one is a second task of the same service. */
  readonly sharesStoreWith?: Stack
  /** A real Registry; it replaces the demo Registry and identity provider. */
  readonly registryUrl?: URL
  readonly service?: ServiceChoice
  /** Where users' credentials come from, with the demo Registry; `exchange` by default. */
  readonly source?: 'exchange' | 'catalog'
  /** Keeps keys and sessions for the next run; absent to keep nothing. */
  readonly keptFolder?: string
  /** The audit log; absent to keep it with the other files of this run. */
  readonly auditFile?: string
  readonly logLevel?: string
  /** Starts identity provider, Registry and sample files of the demo in place of their processes. */
  readonly startDemo?: (context: StackContext) => Promise<void>
  /** Environment variables that override those of a process. */
  readonly changes?: Partial<Record<ProcessName, Environment>>
  /** An OTLP receiver of spans; absent without traces. */
  readonly tracesEndpoint?: URL | undefined
  readonly changeEnvoyConfig?: (rendered: string) => string
  /** Receives each log line, crash and restart. */
  readonly write: (from: ProcessName, line: string) => void
  readonly announce?: (from: ProcessName, line: string) => void
}

export interface Stack {
  readonly origin: string
  /** The URL that users enter in an MCP client. */
  readonly mcpUrl: string
  readonly secrets: LocalSecrets
  readonly context: StackContext
  process(name: ProcessName): SupervisedProcess
  readonly processes: readonly SupervisedProcess[]
  /** Resolves when a process crashed too often to be restarted. */
  readonly failed: Promise<ProcessFailed>
  /** Stops the processes in reverse order of their start. */
  stop(): Promise<void>
}

/**
 * Starts the whole stack; resolves when every process is healthy. If one fails, it stops the others.
 *
 * @throws PortTaken, MissingTool, ProcessFailed
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { ports, logLevel = 'info', changes = {} } = options
  await requireFree(ports)
  const binaries = { envoy: await findBinary(ENVOY), valkey: await findBinary(VALKEY) }
  const { origin, secrets } = options.sharesStoreWith ?? (await identityOf(options))
  const folder = await mkdtemp(join(tmpdir(), 'quilt-connect-'))
  const orphanGuard = createOrphanGuard(folder)
  const failed = Promise.withResolvers<ProcessFailed>()
  const { write, announce } = options
  const supervision = { write, announce, orphanGuard, giveUp: failed.resolve }
  const started: SupervisedProcess[] = []

  async function stop(): Promise<void> {
    for (const each of started.toReversed()) await each.stop()
    await rm(folder, { recursive: true, force: true })
    await orphanGuard.release()
  }

  const context = {
    ...options,
    sharesStoreWith: options.sharesStoreWith?.context,
    origin,
    secrets,
    folder,
    binaries,
    logLevel,
  }
  try {
    await options.startDemo?.(context)
    for (const row of startOrder(context)) {
      const processes = row.map((spec) => new SupervisedProcess(changed(spec, changes), supervision))
      started.push(...processes)
      await Promise.all(processes.map((each) => each.start()))
    }
  } catch (error) {
    await stop()
    throw error
  }
  const mcpUrl = `http://localhost:${ports.connect}/mcp/platform/mcp`
  return {
    origin,
    mcpUrl,
    secrets,
    context,
    process: named,
    processes: started,
    failed: failed.promise,
    stop,
  }

  function named(name: ProcessName): SupervisedProcess {
    const found = started.find(({ spec }) => spec.name === name)
    if (found === undefined) throw new TypeError(`this stack has no ${name}`)
    return found
  }
}

/** Origin and keys: sessions of an earlier run are valid only if both stay the same. */
async function identityOf({ ports, keptFolder }: StackOptions): Promise<Pick<Stack, 'origin' | 'secrets'>> {
  const origin = `http://localhost:${ports.connect}`
  const secrets = keptFolder === undefined ? makeLocalSecrets(origin) : await keptSecrets(keptFolder, origin)
  return { origin, secrets }
}

function changed(spec: ProcessSpec, changes: NonNullable<StackOptions['changes']>): ProcessSpec {
  return { ...spec, environment: { ...spec.environment, ...changes[spec.name] } }
}
