import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { createLocalJWKSet } from 'jose'
import { pino } from 'pino'
import { ChangeListener } from '../../../authz/change-listener.ts'
import { createCheck } from '../../../authz/check/check.ts'
import { PersonChecks } from '../../../authz/registry/person-checks.ts'
import { connectRegistry } from '../../../authz/registry/registry.ts'
import { startServer } from '../../../authz/server.ts'
import { SessionCache, type SessionSource } from '../../../authz/session-cache.ts'
import { TokenVerifier } from '../../../authz/token-verifier.ts'
import type { KeyRing } from '../../../core/keys.ts'
import { connectStore, connectSubscriber, type Store } from '../../../core/redis.ts'
import { SERVICES } from '../../../core/services.ts'
import { SessionStore } from '../../../core/session-store.ts'
import type { Session } from '../../../core/session.ts'
import type { StoreSettings } from '../../../core/store-settings.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { FakeEnvoy } from './envoy.ts'
import { createSigner, NOW_MS, ORIGIN, RING, type Opening, type Signer } from './evidence.ts'
import { PliantRegistry } from './registry.ts'

/** authz in this process, put together as main.ts does it, with clocks and a store that a test can stop. */
export interface Gate {
  readonly name: string
  readonly envoy: FakeEnvoy
  readonly signer: Signer
  readonly redis: Store
  readonly subscriber: Redis
  readonly changes: ChangeListener
  readonly store: WatchedStore
  readonly registry: PliantRegistry
  readonly clock: { nowMs: number; skippedMs: number }
  /** Each line that was logged. */
  readonly lines: Record<string, unknown>[]
  /** Puts a session in the store, as redeeming a code does. */
  save(opening: Opening): Promise<void>
}

export interface GateOptions {
  readonly ring?: KeyRing
  readonly graceMs?: number
  readonly signer?: Signer
  /** Where it hears of changes, when not at the store itself. */
  readonly subscribesAt?: StoreSettings
  readonly beatIntervalMs?: number
}

/** The store, counting its reads, and holding them up on demand. */
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

  partOf(id: string): string {
    return this.#sessions.partOf(id)
  }
}

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
  const elapsedMs = (): number => performance.now() + clock.skippedMs
  const redis = connectStore(settings, log)
  const subscriber = connectSubscriber(options.subscribesAt ?? settings, log)
  const name = randomUUID()
  const { beatIntervalMs = 1000, graceMs = 30_000 } = options
  const changes = new ChangeListener({ store: redis, subscriber, name, log, elapsedMs, beatIntervalMs })
  const watched = new WatchedStore(new SessionStore(redis))
  const sessions = new SessionCache({ store: watched, changes, graceMs, elapsedMs })
  changes.follow(sessions)
  const signer = options.signer ?? (await createSigner())
  const registry = await PliantRegistry.start()
  const check = createCheck({
    origin: ORIGIN,
    services: SERVICES,
    sealingKeys: options.ring ?? RING,
    tokens: new TokenVerifier(ORIGIN, createLocalJWKSet(signer.jwks), nowMs),
    sessions,
    persons: new PersonChecks({
      registry: connectRegistry(registry.url),
      outageMaxMs: 86_400_000,
      log,
      elapsedMs,
      nowMs,
    }),
    longestStreamMs: 300_000,
    log,
    nowMs,
    elapsedMs,
  })
  const folder = await mkdtemp(join(tmpdir(), 'connect-authz-'))
  const path = join(folder, 'authz.sock')
  const server = await startServer(check, { path })
  const envoy = new FakeEnvoy(`unix:${path}`)
  closeAfterAll(async () => {
    envoy.close()
    changes.stop()
    await server.stop()
    redis.disconnect()
    subscriber.disconnect()
    await rm(folder, { recursive: true })
  })
  await until(() => changes.hearing, 'the first beat')
  const save = (opening: Opening): Promise<void> => saveSession(redis, opening)
  return { name, envoy, signer, redis, subscriber, changes, store: watched, registry, clock, lines, save }
}

async function saveSession(redis: Store, { session }: Opening): Promise<void> {
  const sessions = new SessionStore(redis)
  const code = { hash: randomUUID(), record: 'issued', usedMarker: 'used', usedSeconds: 60 }
  await sessions.issueCode(session.id, code.hash, { record: code.record, seconds: 60 })
  const refresh = { hash: randomUUID(), generation: 1, keyId: 'seal-1' }
  await sessions.openSession(code, { session, refresh, idleSeconds: 3600 })
}
