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
  /** A stack that runs: this one is a second task of the same service, over the same store. */
  readonly sharesStoreWith?: Stack
  /** A real Registry, in place of the demo's and its identity provider. */
  readonly registryUrl?: URL
  /** Runs in place of the demo Platform MCP server. */
  readonly service?: ServiceChoice
  /** Where keys and sessions are kept for the next run; absent when nothing is. */
  readonly keptFolder?: string
  readonly logLevel?: string
  /** Variables of single parts that shall be other than usual. */
  readonly changes?: Partial<Record<ProcessName, Environment>>
  /** Rewrites the YAML that Envoy runs: for tests, which cannot wait for its times. */
  readonly changeEnvoyConfig?: (rendered: string) => string
  /** Is given each line that a part writes. */
  readonly write: (from: ProcessName, line: string) => void
}

/** Everything that Quilt Connect is, running on this machine. */
export interface Stack {
  /** Of the Connect host. */
  readonly origin: string
  /** What people type into an MCP client. */
  readonly mcpUrl: string
  readonly secrets: LocalSecrets
  /** What its parts agree on. */
  readonly context: StackContext
  process(name: ProcessName): SupervisedProcess
  /** Settles when a part crashed so often that it is not started again. */
  readonly failed: Promise<ProcessFailed>
  /** Ends every part, the last one started first. */
  stop(): Promise<void>
}

/**
 * Starts the whole stack, and returns when each part works; what was started is stopped again when one does not.
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
  const surroundings = { write: options.write, orphanGuard, giveUp: failed.resolve }
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
    for (const row of startOrder(context)) {
      const processes = row.map((part) => new SupervisedProcess(changed(part, changes), surroundings))
      started.push(...processes)
      await Promise.all(processes.map((each) => each.start()))
    }
  } catch (error) {
    await stop()
    throw error
  }
  const mcpUrl = `http://localhost:${ports.connect}/mcp/platform/mcp`
  return { origin, mcpUrl, secrets, context, process: named, failed: failed.promise, stop }

  function named(name: ProcessName): SupervisedProcess {
    const found = started.find(({ part }) => part.name === name)
    if (found === undefined) throw new TypeError(`this stack has no ${name}`)
    return found
  }
}

/** What makes this stack the one that it is, for whoever signed in to it. */
async function identityOf({ ports, keptFolder }: StackOptions): Promise<Pick<Stack, 'origin' | 'secrets'>> {
  const origin = `http://localhost:${ports.connect}`
  const secrets = keptFolder === undefined ? makeLocalSecrets(origin) : await keptSecrets(keptFolder, origin)
  return { origin, secrets }
}

function changed(part: ProcessSpec, changes: NonNullable<StackOptions['changes']>): ProcessSpec {
  return { ...part, environment: { ...part.environment, ...changes[part.name] } }
}
