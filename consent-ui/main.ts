import { createServer } from 'node:http'
import process from 'node:process'
import { ConfigurationError } from '../core/environment.ts'
import { listen } from '../core/listen.ts'
import { createLog } from '../core/log.ts'
import { connectRedis } from '../core/redis.ts'
import { SERVICES } from '../core/services.ts'
import { SessionStore } from '../core/session-store.ts'
import { createApp } from './app.ts'
import { readConfig, type Config } from './config.ts'
import { SessionEnder } from './session-ender.ts'

/** Streams and slow clients get this long to finish when we are asked to stop. */
const SHUTDOWN_MS = 10_000

async function run(config: Config): Promise<void> {
  const log = createLog('consent-ui', config.logLevel)
  const redis = connectRedis(config.redisUrl, log)
  const subscriber = connectRedis(config.redisUrl, log)
  const ender = new SessionEnder(redis, new SessionStore(redis), log)
  ender.listen(subscriber)
  const app = createApp(config, {
    redis,
    ender,
    services: SERVICES,
    log,
    now: () => Math.floor(Date.now() / 1000),
  })
  const handle = app.callback()
  const server = createServer((request, response) => void handle(request, response))
  await listen(server, config.listen)
  log.info({ listen: config.listen, issuer: config.origin }, 'consent-ui is ready')

  process.once('SIGTERM', () => {
    log.info('consent-ui stops')
    server.close(() => process.exit(0))
    server.closeIdleConnections()
    setTimeout(() => process.exit(0), SHUTDOWN_MS).unref()
  })
}

try {
  await run(readConfig(process.env))
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
