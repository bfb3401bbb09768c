import { once } from 'node:events'
import { constants } from 'node:os'
import process from 'node:process'
import { ConfigurationError } from '../../core/config/environment.ts'
import { describeError } from '../../core/log/describe-error.ts'
import { createLog } from '../../core/log/log.ts'
import { serveMetrics } from '../../core/metrics/metrics-server.ts'
import { LintError, lintedConfig } from '../../envoy/lint/linted-config.ts'
import { readConfig, type RunEnvoyConfig } from './config.ts'
import { drain } from './drain.ts'
import { EnvoyAdmin } from './envoy-admin.ts'
import { envoyMetrics } from './envoy-metrics.ts'
import { RefusedByEnvoy, startEnvoy, writeValidConfig } from './envoy-process.ts'

/**
 * First process of the container `envoy`: checks the configuration, runs Envoy, and drains it on SIGTERM.
 *
 * @returns the exit status
 */
async function run(config: RunEnvoyConfig, stopping: AbortSignal): Promise<number> {
  const log = createLog('run-envoy', 'info')
  const file = await writeValidConfig(config, lintedConfig(config.edge), stopping)
  const admin = new EnvoyAdmin(config.edge.adminSocket)
  if (config.metricsListen !== undefined) await serveMetrics(envoyMetrics(admin), config.metricsListen)
  stopping.throwIfAborted()
  const envoy = startEnvoy(config, file)
  const ended = once(envoy, 'exit')
  const stop = async (): Promise<void> => {
    await drain(admin, { ...config, log }).catch((error: unknown) =>
      log.error({ error: describeError(error) }, 'envoy: drain failed'),
    )
    envoy.kill('SIGTERM')
  }
  stopping.addEventListener('abort', () => void stop())
  const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null]
  if (!stopping.aborted) log.error({ code, signal }, 'envoy: ended by itself')
  return code ?? 128 + constants.signals[signal ?? 'SIGKILL']
}

// The first process of a container has no default action for signals: without a handler it could not be stopped.
const stopping = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort())

try {
  process.exit(await run(readConfig(process.env), stopping.signal))
} catch (error) {
  if (stopping.signal.aborted) process.exit(0)
  if (!isExpected(error)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
}

/** What the operator can fix; the last is a file that cannot be written or run. */
function isExpected(error: unknown): error is Error {
  return (
    [ConfigurationError, LintError, RefusedByEnvoy].some((kind) => error instanceof kind) ||
    (error instanceof Error && 'syscall' in error)
  )
}
