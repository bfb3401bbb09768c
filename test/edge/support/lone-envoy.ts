import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Environment } from '../../../core/config/environment.ts'
import { answersHttp } from '../../../deploy/container/answers-http.ts'
import { ENVOY } from '../../../deploy/local/tools/binaries.ts'
import { findBinary } from '../../../deploy/local/tools/find-binary.ts'
import { readConfig } from '../../../envoy/config.ts'
import { renderEnvoyConfig } from '../../../envoy/render/render.ts'
import { EDGE_ENVIRONMENT } from '../../envoy/support.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { until } from '../../support/until.ts'

export interface LoneEnvoy {
  readonly origin: string
  /** Of its own host, as it must stand in requests. */
  readonly host: string
  readonly lines: readonly string[]
}

/** The log is buffered for up to ten seconds otherwise. */
const LOG_FLUSH_MS = '100'

/**
 * @param changes - texts of the rendered configuration and their replacements, such as shorter times
 * @param environmentChanges - settings that differ from the usual ones
 */
export async function loneEnvoy(
  changes: readonly (readonly [from: string | RegExp, to: string])[],
  environmentChanges: Environment = {},
): Promise<LoneEnvoy> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-edge-'))
  const [port = 0] = await freePorts(1)
  const admin = join(folder, 'admin.sock')
  const environment = {
    ...EDGE_ENVIRONMENT,
    ENVOY_LISTEN: `127.0.0.1:${port}`,
    ENVOY_ADMIN_SOCKET: admin,
    AUTHZ_LISTEN: `unix:${join(folder, 'authz.sock')}`,
    ...environmentChanges,
  }
  const settings = readConfig(environment)
  let config = renderEnvoyConfig(settings)
  for (const [from, to] of changes) {
    const changed = config.replace(from, () => to)
    if (changed === config) throw new Error(`the configuration of Envoy has no ${String(from)}`)
    config = changed
  }
  const file = join(folder, 'envoy.yaml')
  await writeFile(file, config)
  const args = ['-c', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'error']
  args.push('--file-flush-interval-msec', LOG_FLUSH_MS)
  const envoy = spawn(await findBinary(ENVOY), args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {},
  })
  const lines: string[] = []
  createInterface(envoy.stdout).on('line', (line) => void lines.push(line))
  closeAfterAll(async () => {
    const ended = once(envoy, 'exit')
    if (envoy.exitCode === null && envoy.kill()) await ended
    await rm(folder, { recursive: true })
  })
  await until(() => answersHttp({ socketPath: admin, path: '/ready' }).catch(() => false), 'Envoy')
  return { origin: `http://127.0.0.1:${port}`, host: new URL(settings.origin).host, lines }
}
