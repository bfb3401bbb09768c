import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../../core/config/environment.ts'
import type { Facts, ServiceChoice } from './facts.ts'
import { keptSecrets } from './kept-secrets.ts'
import { makeLocalSecrets, type LocalSecrets } from './local-secrets.ts'
import { createOrphanGuard } from './orphan-guard.ts'
import type { Part, PartName } from './part.ts'
import { plan } from './plan.ts'
import { requireFree, type Ports } from './ports.ts'
import { SupervisedProcess, type PartFailed } from './supervised-process.ts'
import { ENVOY, VALKEY } from './tools/binaries.ts'
import { findBinary } from './tools/find-binary.ts'

export interface StackOptions {
  readonly ports: Ports
  /** A stack that runs: this one is a second task of the same service, over the same store. */
  readonly joins?: Stack
  /** A real Registry, in place of the demo's and its identity provider. */
  readonly registryUrl?: URL
  /** Runs in place of the demo Platform MCP server. */
  readonly service?: ServiceChoice
  /** Where keys and sessions are kept for the next run; absent when nothing is. */
  readonly keptFolder?: string
  readonly logLevel?: string
  /** Variables of single parts that shall be other than usual. */
  readonly changes?: Partial<Record<PartName, Environment>>
  /** Rewrites the YAML that Envoy runs: for tests, which cannot wait for its times. */
  readonly changeEnvoyConfig?: (rendered: string) => string
  /** Is given each line that a part writes. */
  readonly write: (from: PartName, line: string) => void
}

/** Everything that Quilt Connect is, running on this machine. */
export interface Stack {
  /** Of the Connect host. */
  readonly origin: string
  /** What people type into an MCP client. */
  readonly mcpUrl: string
  readonly secrets: LocalSecrets
  /** What its parts agree on. */
  readonly facts: Facts
  process(name: PartName): SupervisedProcess
  /** Settles when a part crashed so often that it is not started again. */
  readonly failed: Promise<PartFailed>
  /** Ends every part, the last one started first. */
  stop(): Promise<void>
}

/**
 * Starts the whole stack, and returns when each part works; what was started is stopped again when one does not.
 *
 * @throws PortTaken, MissingTool, PartFailed
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { ports, logLevel = 'info', changes = {} } = options
  await requireFree(ports)
  const binaries = { envoy: await findBinary(ENVOY), valkey: await findBinary(VALKEY) }
  const { origin, secrets } = options.joins ?? (await identityOf(options))
  const folder = await mkdtemp(join(tmpdir(), 'quilt-connect-'))
  const orphanGuard = createOrphanGuard(folder)
  const failed = Promise.withResolvers<PartFailed>()
  const surroundings = { write: options.write, orphanGuard, giveUp: failed.resolve }
  const started: SupervisedProcess[] = []

  async function stop(): Promise<void> {
    for (const each of started.toReversed()) await each.stop()
    await rm(folder, { recursive: true, force: true })
    await orphanGuard.release()
  }

  const facts = { ...options, joins: options.joins?.facts, origin, secrets, folder, binaries, logLevel }
  try {
    for (const row of plan(facts)) {
      const processes = row.map((part) => new SupervisedProcess(changed(part, changes), surroundings))
      started.push(...processes)
      await Promise.all(processes.map((each) => each.start()))
    }
  } catch (error) {
    await stop()
    throw error
  }
  const mcpUrl = `http://localhost:${ports.connect}/mcp/platform/mcp`
  return { origin, mcpUrl, secrets, facts, process: named, failed: failed.promise, stop }

  function named(name: PartName): SupervisedProcess {
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

function changed(part: Part, changes: NonNullable<StackOptions['changes']>): Part {
  return { ...part, environment: { ...part.environment, ...changes[part.name] } }
}
