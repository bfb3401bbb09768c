import { randomUUID } from 'node:crypto'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { Registry } from '@prometheus-io/client'
import { keepAuditMetrics } from '../core/audit/audit-metrics.ts'
import { keyUses, startAudit } from '../core/audit/start-audit.ts'
import { listen } from '../core/network/listen.ts'
import { ControlFollower } from '../core/controls/control-follower.ts'
import { ControlStore } from '../core/controls/control-store.ts'
import { createLog } from '../core/log/log.ts'
import { runService } from '../core/log/run-service.ts'
import { DroppedSpans } from '../core/tracing/dropped-spans.ts'
import { startTracing } from '../core/tracing/start-tracing.ts'
import { logStop } from '../core/services/stop.ts'
import { connectStore, connectSubscriber } from '../core/store/redis.ts'
import { RollbackGuard } from '../core/store/rollback-guard.ts'
import { acknowledge } from '../core/sessions/session-changes.ts'
import { SessionStore } from '../core/sessions/session-store.ts'
import { createApp } from './app.ts'
import { withRequestOrigin } from './audit/request-origin.ts'
import { BackgroundWork } from './http/background-work.ts'
import { GracefulStop } from './http/graceful-stop.ts'
import { keepSigningMark } from './keys/signing-mark.ts'
import { keepKeyMetrics } from './metrics/key-metrics.ts'
import { serveMetrics } from '../core/metrics/metrics-server.ts'
import { keepProcessMetrics } from '../core/metrics/process-metrics.ts'
import { readConfig, type Config } from './config/config.ts'
import { CONTROLS_GRACE_MS } from './lifetimes.ts'
import { createHttpServer } from './http/http-server.ts'
import { Logouts } from './quilt/logouts.ts'
import { createRegistry } from './quilt/registry.ts'
import { UnusedCredentials } from './quilt/unused-credentials.ts'
import { ConsentUiMetrics } from './metrics/consent-ui-metrics.ts'
import { keepRedisMetrics } from './metrics/redis-metrics.ts'
import { keepRecordMetrics, RecordAlarms } from './metrics/record-alarms.ts'
import { keepRollbackMetrics } from './metrics/rollback-metrics.ts'
import { keepReplayMetrics, ReplayAlarms } from './metrics/replay-alarms.ts'
import { EndedSessions } from './store/ended-sessions.ts'
import { EnlistedProcess } from './sessions/enlisted-process.ts'
import { SessionEnder } from './sessions/session-ender.ts'
import { createNotices } from './notices/create-notices.ts'
import { systemTimers } from './store/repeat.ts'

/** For running requests, after SIGTERM. */
const MAX_DRAIN_MS = 20_000
/** For notices to users: the audit log is written after them. */
const MAX_NOTICES_MS = 22_000
/** Less than the 30 s after which ECS kills a container (`stopTimeout`). */
const MAX_SHUTDOWN_MS = 25_000

async function run(config: Config): Promise<void> {
  const log = createLog('consent-ui', config.logLevel)
  const {
    audit: written,
    backlog,
    stop: stopAudit,
  } = await startAudit(config, {
    part: 'consent-ui',
    log,
    nowMs: () => Date.now(),
    details: {
      signingKeys: keyUses(config.signingKeys),
      credentialSource: config.credential.source,
      allowedHosts: config.clients.allowedHosts.length,
      accessTokenSeconds: config.accessTokenSeconds,
    },
  })
  const audit = withRequestOrigin(written)
  const dropped = new DroppedSpans('consent_ui')
  const stopTracing = await startTracing(config.tracesEndpoint, {
    service: 'connect-consent-ui',
    dropped,
    log,
  })
  const store = connectStore(config.store, log)
  const rollbacks = new RollbackGuard({ store, maxGapMs: config.maxStoreGapMs, log })
  rollbacks.start()
  const now = (): number => Math.floor(Date.now() / 1000)
  const ender = new SessionEnder(store, new SessionStore(store), {
    log,
    audit,
    history: new EndedSessions(store, {
      origin: config.origin,
      registry: config.registryUrl.origin,
      now,
      log,
    }),
  })
  const subscriber = connectSubscriber(config.store, log)
  ender.listen(subscriber)
  const name = randomUUID()
  const enlisted = new EnlistedProcess({ store, name, log })
  const controls = new ControlFollower({
    store: new ControlStore(store, config.origin),
    settings: config,
    graceMs: CONTROLS_GRACE_MS,
    log,
    elapsedMs: () => performance.now(),
    acknowledge: (change) => acknowledge(store, { change, by: name }),
  })
  controls.follow(subscriber)
  const metrics = new ConsentUiMetrics({
    services: config.services,
    identityProvider: config.credential.identityProvider?.issuer,
  })
  const logouts = new Logouts(createRegistry(config.registryUrl, metrics.outgoing.to('registry')), log)
  const unused = new UnusedCredentials({ logouts, timers: systemTimers, log })
  const inBackground = new BackgroundWork(log)
  const alarms = new ReplayAlarms(log)
  const recordAlarms = new RecordAlarms(log)
  const notices = createNotices(config, { redis: store, audit, log, now })
  const app = createApp(config, {
    notices,
    store,
    rollbacks,
    controls,
    ender,
    logouts,
    unused,
    inBackground,
    alarms,
    recordAlarms,
    metrics,
    services: config.services,
    audit,
    log,
    now,
  })
  const background = { store, timers: systemTimers, log }
  keepSigningMark(background, config.origin, config.signingKeys.current.id)
  if (config.metricsListen !== undefined) {
    const registry = new Registry()
    keepKeyMetrics(registry, background, config.sealingKeys)
    metrics.registerAt(registry)
    ender.ended.registerAt(registry)
    keepProcessMetrics(registry)
    notices.counts.registerAt(registry)
    keepReplayMetrics(registry, alarms)
    keepRecordMetrics(registry, recordAlarms)
    keepRedisMetrics(registry, store)
    dropped.counts.registerAt(registry)
    keepAuditMetrics(registry, 'consent_ui', backlog)
    keepRollbackMetrics(registry, rollbacks)
    await serveMetrics(registry, config.metricsListen)
  }
  const handle = app.callback()
  const server = createHttpServer((request, response) => void handle(request, response))
  const gracefulStop = new GracefulStop(server)
  await listen(server, config.listen)
  log.info({ listen: config.listen, issuer: config.issuer }, 'consent-ui is ready')
  logStop(log, config.stop)
  if (config.issuer !== config.origin) {
    log.warn(
      { issuer: config.issuer },
      'ISSUER_EXPLICIT_PORT: Codex cannot connect, and authorization responses have no iss (RFC 9207)',
    )
  }

  process.once('SIGTERM', () => {
    log.info('consent-ui is stopping')
    rollbacks.stop()
    controls.stop()
    void enlisted.stop()
    const stopNoticesAt = performance.now() + MAX_NOTICES_MS
    // A running request may carry a user's decision.
    void Promise.race([gracefulStop.stop(), setTimeout(MAX_DRAIN_MS)])
      .then(() =>
        Promise.all([
          unused.logOutUndecided(),
          inBackground.settled(),
          notices.stop(stopNoticesAt - performance.now()),
        ]),
      )
      // Work in the background may have obtained one more.
      .then(() => unused.logOutUndecided())
      .then(() => Promise.all([stopAudit(), stopTracing()]))
      .then(() => process.exit(0))
    void setTimeout(MAX_SHUTDOWN_MS, undefined, { ref: false }).then(() => process.exit(0))
  })
}

await runService('consent-ui', async () => await run(readConfig(process.env)))
