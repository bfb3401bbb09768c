import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { Environment } from '../../../../core/config/environment.ts'
import { answersHttp } from '../../../../deploy/container/answers-http.ts'
import { freePorts } from '../../../../deploy/local/context/free-ports.ts'
import { ENVOY } from '../../../../deploy/local/tools/binaries.ts'
import { findBinary } from '../../../../deploy/local/tools/find-binary.ts'
import { EDGE_ENVIRONMENT } from '../../../envoy/support.ts'
import { childEnvironment } from '../../../support/child-environment.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'
import { until } from '../../../support/until.ts'

const MAIN = new URL('../../../../deploy/container/run-envoy.ts', import.meta.url).pathname

export interface RunningEnvoy {
  readonly port: number
  readonly folder: string
  readonly child: ChildProcess
  /** Of the process and of Envoy. */
  readonly lines: readonly string[]
  readonly stderr: Promise<string>
  readonly exited: Promise<readonly [code: number | null, signal: string | null]>
}

/** Leaves a socket file that no process listens at, as a killed Envoy does. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.old`)
  await once(server, 'listening')
  await rename(`${path}.old`, path)
  await server[Symbol.asyncDispose]()
}

/** Runs the first process of the container `envoy` in a folder of its own, as after a crash of an earlier one. */
export async function runEnvoy(changes: Environment = {}): Promise<RunningEnvoy> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-container-'))
  const adminSocket = join(folder, 'admin.sock')
  await leaveSocket(adminSocket)
  const [port = 0] = await freePorts(1)
  const env = {
    ...EDGE_ENVIRONMENT,
    ENVOY_BIN: await findBinary(ENVOY),
    ENVOY_LISTEN: `127.0.0.1:${port}`,
    ENVOY_ADMIN_SOCKET: adminSocket,
    AUTHZ_LISTEN: `unix:${join(folder, 'authz.sock')}`,
    ...changes,
  }
  const child = spawn(process.execPath, [MAIN], {
    env: childEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>
  const lines: string[] = []
  createInterface(child.stdout).on('line', (line) => void lines.push(line))
  closeAfterAll(async () => {
    if (child.exitCode === null && child.kill()) await exited
    await rm(folder, { recursive: true })
  })
  return { port, folder, child, lines, stderr: text(child.stderr), exited }
}

/** Resolves when Envoy listens. */
export async function ready({ folder, child }: RunningEnvoy): Promise<void> {
  const socketPath = join(folder, 'admin.sock')
  await until(async () => {
    if (child.exitCode !== null) throw new Error('Envoy ended before it was ready')
    return await answersHttp({ socketPath, path: '/ready' }).catch(() => false)
  }, 'Envoy')
}
