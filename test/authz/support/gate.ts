import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Registry } from '@prometheus-io/client'
import type { Redis } from 'ioredis'
import { pino } from 'pino'
import { NO_AUDIT, type Audit } from '../../../core/audit/audit-entry.ts'
import { DecisionAudit } from '../../../authz/audit/decision-audit.ts'
import { createApiKeys } from '../../../authz/api-keys/key-checks.ts'
import { createClientBlock } from '../../../authz/decide/blocked-clients.ts'
import { ChangeListener } from '../../../authz/sessions/change-listener.ts'
import { createToolAccess } from '../../../authz/stages/tool-access.ts'
import { createAuthenticate } from '../../../authz/stages/authenticate.ts'
import { createListFilter } from '../../../authz/stages/list-filter.ts'
import { memoryLimits } from '../../../authz/limits/memory-limits.ts'
import { UserStatusChecks } from '../../../authz/registry/user-status-checks.ts'
import { REGISTRY_BOUNDS } from '../../../authz/registry/registry-bounds.ts'
import { connectRegistry } from '../../../core/quilt/registry.ts'
import { Health } from '../../../authz/envoy/health.ts'
import { AuthzMetrics } from '../../../authz/metrics/authz-metrics.ts'
import { startServer } from '../../../authz/server.ts'
import { SessionCache, type SessionSource } from '../../../authz/sessions/session-cache.ts'
import { SessionUses } from '../../../authz/sessions/session-uses.ts'
import type { Stages } from '../../../authz/stages/dispatch.ts'
import { networksOf } from '../../../authz/limits/network-limit.ts'
import { TokenVerifier } from '../../../authz/tokens/token-verifier.ts'
import { UnknownSigners } from '../../../authz/tokens/unknown-signers.ts'
import type { BlockedClients } from '../../../core/clients/blocked-clients.ts'
import { ControlFollower } from '../../../core/controls/control-follower.ts'
import { ControlStore } from '../../../core/controls/control-store.ts'
import type { KeyRing } from '../../../core/keys/keys.ts'
import { connectStore, connectSubscriber, type Store } from '../../../core/store/redis.ts'
import { RollbackGuard } from '../../../core/store/rollback-guard.ts'
import type { Service } from '../../../core/services/service.ts'
import type { Stop } from '../../../core/services/stop.ts'
import { SERVICES } from '../../support/services.ts'
import { acknowledge } from '../../../core/sessions/session-changes.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { verificationKeys } from '../../../core/tokens/verification-keys.ts'
import type { Access, Session } from '../../../core/sessions/session.ts'
import type { StoreSettings } from '../../../core/store/store-settings.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { FakeEnvoy } from './envoy.ts'
import { createSigner, NOW_MS, ORIGIN, RING, type Opening, type Signer } from './sessions.ts'
import { ScriptedRegistry } from './registry.ts'

/** authz in this process, composed as in main.ts, with clocks and a store that a test can stop. */
export interface Gate {
  readonly name: string
  readonly envoy: FakeEnvoy
  /** The stages, to be called without gRPC. */
  readonly stages: Stages
  readonly signer: Signer
  readonly redis: Store
  readonly subscriber: Redis
  readonly changes: ChangeListener
  readonly uses: SessionUses
  /** Sets blocks and stops, as the operator's commands do. */
  readonly controlStore: ControlStore
  readonly store: WatchedStore
  readonly registry: ScriptedRegistry
  readonly clock: { nowMs: number; skippedMs: number }
  /** Monotonic milliseconds, as authz reads them. */
  elapsedMs(): number
  /** Each line that was logged. */
  readonly lines: Record<string, unknown>[]
  /** Stores a session as redeeming a code does. */
  save(opening: Opening): Promise<void>
  /** Adds the gate's metrics to a registry. */
  showMetrics(shown: Registry): void
  /** Saves a session, and signs a token of it. */
  issueToken(opening: Opening): Promise<string>
}

export interface GateOptions {
  readonly ring?: KeyRing
  readonly graceMs?: number
  readonly signer?: Signer
  /** The server of the subscription, if not the store. */
  readonly subscribesAt?: StoreSettings
  readonly heartbeatIntervalMs?: number
  /** If true, time passes only by the clock's `skippedMs`. */
  readonly hasStillClock?: boolean
  /** Default: nothing. */
  readonly stop?: Stop
  /** Default: no client. */
  readonly blocked?: BlockedClients
  /** Default: off. */
  readonly apiKeys?: Access
  /** Max number of cached sessions. */
  readonly maxSessions?: number
  /** Default: off. */
  readonly audit?: Audit
  /** What requests are routed to. */
  readonly services?: readonly Service[]
}

/** Counts reads of the store and delays them on demand. */
class WatchedStore implements SessionSource {
  readonly #sessions: SessionStore
  reads = 0
  /** Called after each read, before its result is handed on. */
  pause: (() => Promise<void>) | undefined

  constructor(sessions: SessionStore) {
    this.#sessions = sessions
  }

  async find(id: string): Promise<Session | undefined> {
    this.reads += 1
    const pause = this.pause
    const session = await this.#sessions.find(id)
    await pause?.()
    return session
  }

  nodeOf(id: string): string {
    return this.#sessions.nodeOf(id)
  }
}

const USUAL = {
  ring: RING,
  graceMs: 30_000,
  heartbeatIntervalMs: 1000,
  blocked: { fingerprints: new Set<string>(), hosts: [] },
  apiKeys: 'off',
  maxSessions: 1000,
  services: SERVICES,
  stop: new Set<string>(),
  audit: NO_AUDIT,
} as const

/** @param store - where it is; a Valkey of the test */
export async function startGate(
  store: StoreSettings | { readonly url: string },
  options: GateOptions = {},
): Promise<Gate> {
  const settings: StoreSettings = 'url' in store ? { mode: 'single', urls: [store.url] } : store
  const lines: Record<string, unknown>[] = []
  const log = pino(
    { level: 'debug' },
    { write: (line) => void lines.push(JSON.parse(line) as object as never) },
  )
  const clock = { nowMs: NOW_MS, skippedMs: 0 }
  const nowMs = (): number => clock.nowMs
  const beganMs = Math.ceil(performance.now())
  const elapsedMs = (): number =>
    (options.hasStillClock === true ? beganMs : performance.now()) + clock.skippedMs
  const redis = connectStore(settings, log)
  const subscriber = connectSubscriber(options.subscribesAt ?? settings, log)
  const name = randomUUID()
  const { ring, graceMs, heartbeatIntervalMs, blocked, apiKeys, maxSessions, services, stop, audit } = {
    ...USUAL,
    ...options,
  }
  const changes = new ChangeListener({ store: redis, subscriber, name, log, elapsedMs, heartbeatIntervalMs })
  const metrics = new AuthzMetrics(services)
  const { sessions: limits, tokens, users } = memoryLimits(maxSessions)
  const rollbacks = new RollbackGuard({
    store: redis,
    maxGapMs: 0,
    log,
    onRollback: () => sessions.forgetAll(),
  })
  rollbacks.start()
  const watched = new WatchedStore(new SessionStore(redis, rollbacks))
  const sessions = new SessionCache({
    store: watched,
    changes,
    limits,
    graceMs,
    elapsedMs,
    observer: metrics.sessions,
  })
  const controlStore = new ControlStore(redis, ORIGIN)
  const controls = new ControlFollower({
    store: controlStore,
    settings: { blockedClients: blocked, stop },
    graceMs,
    log,
    elapsedMs,
    acknowledge: (change) => acknowledge(redis, { change, by: name }),
  })
  changes.follow(sessions)
  controls.follow(subscriber)
  const uses = new SessionUses({ store: redis, log, nowMs })
  const signer = options.signer ?? (await createSigner())
  const registry = await ScriptedRegistry.start()
  const counted = networksOf([])
  const parts = {
    origin: ORIGIN,
    services,
    sealingKeys: ring,
    tokens: new TokenVerifier({
      issuer: ORIGIN,
      keys: verificationKeys(signer.jwks),
      networksOf: counted,
      capacity: tokens,
      nowMs,
      elapsedMs,
    }),
    unknownSigners: new UnknownSigners({ store: redis, origin: ORIGIN, log, elapsedMs }),
    sessions,
    persons: new UserStatusChecks({
      registry: connectRegistry(registry.url, REGISTRY_BOUNDS, metrics.outgoing.to('registry')),
      outageMaxMs: 86_400_000,
      capacity: users,
      log,
      elapsedMs,
      nowMs,
    }),
    isBlockedClient: createClientBlock(controls, ring),
    controls,
    apiKeys: createApiKeys(apiKeys, {
      registryUrl: registry.url,
      observer: metrics.outgoing.to('registry'),
      networksOf: counted,
      log,
      elapsedMs,
    }),
    maxStreamMs: 300_000,
    metrics: metrics.checks,
    audit: new DecisionAudit(audit, elapsedMs),
    uses,
    log,
    nowMs,
    elapsedMs,
  }
  const stages = {
    authenticate: createAuthenticate(parts),
    toolAccess: createToolAccess(parts),
    listFilter: createListFilter(parts),
  }
  const folder = await mkdtemp(join(tmpdir(), 'connect-authz-'))
  const path = join(folder, 'authz.sock')
  const server = await startServer(stages, { path }, new Health())
  const envoy = new FakeEnvoy(`unix:${path}`)
  closeAfterAll(async () => {
    envoy.close()
    rollbacks.stop()
    controls.stop()
    await changes.stop()
    await server.stop()
    redis.disconnect()
    subscriber.disconnect()
    await rm(folder, { recursive: true })
  })
  await until(() => changes.isLive, 'the first heartbeat')
  const save = (opening: Opening): Promise<void> => saveSession(redis, opening)
  const connections = { redis, subscriber, changes, uses, controlStore, store: watched, registry }
  const issueToken = async (opening: Opening): Promise<string> => {
    await save(opening)
    return await signer.sign(opening)
  }
  const showMetrics = (shown: Registry): void => metrics.registerAt(shown, { sessions, changes })
  return {
    showMetrics,
    name,
    envoy,
    stages,
    signer,
    ...connections,
    clock,
    elapsedMs,
    lines,
    save,
    issueToken,
  }
}

async function saveSession(redis: Store, { session }: Opening): Promise<void> {
  const sessions = new SessionStore(redis)
  const code = { hash: randomUUID(), record: 'issued', usedMarker: 'used', usedSeconds: 60 }
  await sessions.issueCode(session.id, code.hash, { record: code.record, seconds: 60 })
  const refresh = { hash: randomUUID(), generation: 1, keyId: 'seal-1' }
  await sessions.openSession(code, { session, refresh, idleSeconds: 3600 })
}
