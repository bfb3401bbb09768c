import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { Registry } from '@prometheus-io/client'
import { keepAuditMetrics } from '../core/audit/audit-metrics.ts'
import { startAudit } from '../core/audit/start-audit.ts'
import { ControlFollower } from '../core/controls/control-follower.ts'
import { ControlStore } from '../core/controls/control-store.ts'
import { createLog } from '../core/log/log.ts'
import { runService } from '../core/log/run-service.ts'
import { DroppedSpans } from '../core/tracing/dropped-spans.ts'
import { startTracing } from '../core/tracing/start-tracing.ts'
import { serveMetrics } from '../core/metrics/metrics-server.ts'
import { keepProcessMetrics } from '../core/metrics/process-metrics.ts'
import { logStop } from '../core/services/stop.ts'
import { connectStore, connectSubscriber, type Store } from '../core/store/redis.ts'
import { RollbackGuard } from '../core/store/rollback-guard.ts'
import { acknowledge } from '../core/sessions/session-changes.ts'
import { SessionStore } from '../core/sessions/session-store.ts'
import { verificationKeys } from '../core/tokens/verification-keys.ts'
import { createApiKeys } from './api-keys/key-checks.ts'
import { DecisionAudit } from './audit/decision-audit.ts'
import { createClientBlock } from './decide/blocked-clients.ts'
import { Health } from './envoy/health.ts'
import { AuthzMetrics } from './metrics/authz-metrics.ts'
import { ChangeListener } from './sessions/change-listener.ts'
import { createToolAccess } from './stages/tool-access.ts'
import { createAuthenticate } from './stages/authenticate.ts'
import { readConfig, type Config } from './config.ts'
import { createListFilter } from './stages/list-filter.ts'
import { memoryLimits } from './limits/memory-limits.ts'
import { UserStatusChecks } from './registry/user-status-checks.ts'
import { connectRegistry } from '../core/quilt/registry.ts'
import { REGISTRY_BOUNDS } from './registry/registry-bounds.ts'
import { startServer } from './server.ts'
import { SessionUses } from './sessions/session-uses.ts'
import { SessionCache } from './sessions/session-cache.ts'
import { networksOf } from './limits/network-limit.ts'
import { TokenVerifier } from './tokens/token-verifier.ts'
import { UnknownSigners } from './tokens/unknown-signers.ts'

/** Without Redis by then, authz starts anyway and answers 503. */
const FIRST_CONNECTION_MS = 2000

async function run(config: Config): Promise<void> {
  const log = createLog('authz', config.logLevel)
  const nowMs = (): number => Date.now()
  const elapsedMs = (): number => performance.now()
  const {
    audit,
    backlog,
    stop: stopAudit,
  } = await startAudit(config, {
    part: 'authz',
    log,
    nowMs,
    details: {
      apiKeys: config.apiKeys,
      publicKeys: config.publicKeys.keys.map(({ kid = '' }) => kid),
    },
  })
  const dropped = new DroppedSpans('authz')
  const stopTracing = await startTracing(config.tracesEndpoint, { service: 'connect-authz', dropped, log })
  const store = connectStore(config.store, log)
  const subscriber = connectSubscriber(config.store, log)
  const health = new Health()
  const name = randomUUID()
  const changes = new ChangeListener({
    store,
    subscriber,
    name,
    log,
    elapsedMs,
    onLiveChange: (isLive) => health.setReady(isLive),
  })
  const metrics = config.metricsListen === undefined ? undefined : new AuthzMetrics(config.services)
  const { storeGraceMs: graceMs, registryOutageMs: outageMaxMs } = config
  const { sessions: limits, tokens, users } = memoryLimits(config.sessionCacheSize)
  const { maxStoreGapMs: maxGapMs } = config
  const rollbacks = new RollbackGuard({ store, maxGapMs, log, onRollback: () => sessions.forgetAll() })
  const stored = new SessionStore(store, rollbacks)
  const sessions = new SessionCache({
    store: stored,
    changes,
    limits,
    graceMs,
    elapsedMs,
    observer: metrics?.sessions,
  })
  const controls = new ControlFollower({
    store: new ControlStore(store, config.origin),
    settings: config,
    graceMs,
    log,
    elapsedMs,
    acknowledge: (change) => acknowledge(store, { change, by: name }),
  })
  changes.follow(sessions)
  controls.follow(subscriber)
  rollbacks.start()
  const uses = new SessionUses({ store, log, nowMs })
  const stopUses = uses.start()
  const registry = connectRegistry(config.registryUrl, REGISTRY_BOUNDS, metrics?.outgoing.to('registry'))
  const counted = networksOf(config.sharedEgress)
  const dependencies = {
    origin: config.origin,
    services: config.services,
    sealingKeys: config.sealingKeys,
    tokens: new TokenVerifier({
      issuer: config.issuer,
      keys: verificationKeys(config.publicKeys),
      networksOf: counted,
      capacity: tokens,
      nowMs,
      elapsedMs,
    }),
    unknownSigners: new UnknownSigners({ store, origin: config.origin, log, elapsedMs }),
    sessions,
    persons: new UserStatusChecks({ registry, outageMaxMs, capacity: users, log, elapsedMs, nowMs }),
    isBlockedClient: createClientBlock(controls, config.sealingKeys),
    controls,
    apiKeys: createApiKeys(config.apiKeys, {
      registryUrl: config.registryUrl,
      observer: metrics?.outgoing.to('registry'),
      networksOf: counted,
      log,
      elapsedMs,
    }),
    maxStreamMs: config.maxStreamMs,
    metrics: metrics?.checks,
    audit: new DecisionAudit(audit, elapsedMs),
    uses,
    log,
    nowMs,
    elapsedMs,
  }
  const stages = {
    authenticate: createAuthenticate(dependencies),
    toolAccess: createToolAccess(dependencies),
    listFilter: createListFilter(dependencies),
  }
  await firstConnection(store)
  if (config.metricsListen !== undefined) {
    const shown = new Registry()
    metrics?.registerAt(shown, { sessions, changes })
    dropped.counts.registerAt(shown)
    keepAuditMetrics(shown, 'authz', backlog)
    keepProcessMetrics(shown)
    await serveMetrics(shown, config.metricsListen)
  }
  const server = await startServer(stages, config.listen, health)
  log.info({ listen: config.listen, issuer: config.issuer }, 'authz is ready')
  logStop(log, config.stop)

  process.once('SIGTERM', () => {
    log.info('authz is stopping')
    rollbacks.stop()
    controls.stop()
    void Promise.all([changes.stop(), server.stop()])
      .then(() => stopUses())
      .then(() => Promise.all([stopAudit(), stopTracing()]))
      .then(() => process.exit(0))
  })
}

async function firstConnection(store: Store): Promise<void> {
  const ready = new Promise((resolve) => store.once('ready', resolve))
  await Promise.race([ready, setTimeout(FIRST_CONNECTION_MS, undefined, { ref: false })])
}

await runService('authz', async () => await run(readConfig(process.env)))
