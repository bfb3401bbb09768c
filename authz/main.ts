import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { createLocalJWKSet } from 'jose'
import { ConfigurationError } from '../core/environment.ts'
import { createLog } from '../core/log.ts'
import { connectStore, connectSubscriber, type Store } from '../core/redis.ts'
import { SERVICES } from '../core/services.ts'
import { SessionStore } from '../core/session-store.ts'
import { ChangeListener } from './change-listener.ts'
import { createCheck } from './check/check.ts'
import { readConfig, type Config } from './config.ts'
import { PersonChecks } from './registry/person-checks.ts'
import { connectRegistry } from './registry/registry.ts'
import { startServer } from './server.ts'
import { SessionCache } from './session-cache.ts'
import { TokenVerifier } from './token-verifier.ts'

/** Without a store by then we start all the same, and answer 503 until there is one. */
const FIRST_CONNECTION_MS = 2000

async function run(config: Config): Promise<void> {
  const log = createLog('authz', config.logLevel)
  const nowMs = (): number => Date.now()
  const elapsedMs = (): number => performance.now()
  const store = connectStore(config.store, log)
  const subscriber = connectSubscriber(config.store, log)
  const changes = new ChangeListener({ store, subscriber, name: randomUUID(), log, elapsedMs })
  const { storeGraceMs: graceMs, registryOutageMs: outageMaxMs } = config
  const sessions = new SessionCache({ store: new SessionStore(store), changes, graceMs, elapsedMs })
  changes.follow(sessions)
  const registry = connectRegistry(config.registryUrl)
  const check = createCheck({
    origin: config.origin,
    services: SERVICES,
    sealingKeys: config.sealingKeys,
    tokens: new TokenVerifier(config.issuer, createLocalJWKSet(config.publicKeys), nowMs),
    sessions,
    persons: new PersonChecks({ registry, outageMaxMs, log, elapsedMs, nowMs }),
    longestStreamMs: config.longestStreamMs,
    log,
    nowMs,
    elapsedMs,
  })
  await firstConnection(store)
  const server = await startServer(check, config.listen)
  log.info({ listen: config.listen, issuer: config.issuer }, 'authz is ready')

  process.once('SIGTERM', () => {
    log.info('authz stops')
    changes.stop()
    void server.stop().then(() => process.exit(0))
  })
}

async function firstConnection(store: Store): Promise<void> {
  const ready = new Promise((resolve) => store.once('ready', resolve))
  await Promise.race([ready, setTimeout(FIRST_CONNECTION_MS, undefined, { ref: false })])
}

try {
  await run(readConfig(process.env))
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
