import { createNotices } from '../../../consent-ui/notices/create-notices.ts'
import type { Notices } from '../../../consent-ui/notices/notices.ts'
import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import type { Registry } from '@prometheus-io/client'
import type { Redis } from 'ioredis'
import { pino } from 'pino'
import { createApp } from '../../../consent-ui/app.ts'
import { NO_AUDIT, type Audit } from '../../../core/audit/audit-entry.ts'
import { withRequestOrigin } from '../../../consent-ui/audit/request-origin.ts'
import type { Reach } from '../../../consent-ui/clients/fetch-json.ts'
import { BackgroundWork } from '../../../consent-ui/http/background-work.ts'
import { CONTROLS_GRACE_MS } from '../../../consent-ui/lifetimes.ts'
import { readConfig, type Config } from '../../../consent-ui/config/config.ts'
import { ConsentUiMetrics } from '../../../consent-ui/metrics/consent-ui-metrics.ts'
import { keepRecordMetrics, RecordAlarms } from '../../../consent-ui/metrics/record-alarms.ts'
import { keepReplayMetrics, ReplayAlarms } from '../../../consent-ui/metrics/replay-alarms.ts'
import { EndedSessions } from '../../../consent-ui/store/ended-sessions.ts'
import { SessionEnder } from '../../../consent-ui/sessions/session-ender.ts'
import { Logouts } from '../../../consent-ui/quilt/logouts.ts'
import { createRegistry } from '../../../consent-ui/quilt/registry.ts'
import { UnusedCredentials } from '../../../consent-ui/quilt/unused-credentials.ts'
import { connectRedis } from '../../../core/store/redis.ts'
import { ControlFollower } from '../../../core/controls/control-follower.ts'
import { ControlStore } from '../../../core/controls/control-store.ts'
import type { Service } from '../../../core/services/service.ts'
import { SERVICES } from '../../support/services.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { listenOnFreePort } from '../../support/free-port.ts'
import { HttpBrowser } from '../../support/http-browser.ts'
import { until } from '../../support/until.ts'
import type { Valkey } from '../../support/store/valkey.ts'
import { get, json, post, type Answer, type Form, type HeaderFields } from './answer.ts'
import { TestClient } from './client.ts'
import { settingsOf, startOrganisation, type Organisation, type OrganisationOptions } from './organisation.ts'
import { ManualTimers } from './manual-timers.ts'
import { NO_NETWORK } from './reach.ts'
import { rotated, settingsFor, type Settings } from './settings.ts'
import { passTime, sharedValkey } from './store.ts'

export interface ConnectOptions extends OrganisationOptions {
  readonly settings?: Settings
  /** For tests that stop Redis; the shared one by default. */
  readonly valkey?: Valkey
  readonly services?: readonly Service[]
  /** The network for client documents; none by default. */
  readonly reach?: Reach
  /** Off by default. */
  readonly audit?: Audit
}

interface Parts {
  readonly origin: string
  readonly organisation: Organisation
  readonly valkey: Valkey
  readonly settings: Settings
  readonly services: readonly Service[]
  readonly reach: Reach
  readonly audit: Audit
}

/** consent-ui as in main.ts, in this process, with a clock that a test can change. */
export class Connect {
  readonly origin: string
  readonly organisation: Organisation
  readonly redis: Redis
  readonly lines: string[] = []
  /** What the guard of the store says; a test may change it. */
  readonly rollbacks = { endedUntil: 0, requireChecked: () => Promise.resolve() }
  readonly log = pino({ level: 'debug' }, { write: (line) => void this.lines.push(line) })
  readonly #ender: SessionEnder
  readonly #timers = new ManualTimers()
  controls!: ControlFollower
  unused!: UnusedCredentials
  inBackground!: BackgroundWork
  alarms!: ReplayAlarms
  recordAlarms!: RecordAlarms
  metrics!: ConsentUiMetrics
  notices!: Notices
  readonly #reach: Reach
  readonly #audit: Audit
  readonly #services: readonly Service[]
  #settings: Settings
  #config: Config
  #handle: ReturnType<ReturnType<typeof createApp>['callback']>
  #passedSeconds = 0

  constructor({ origin, organisation, valkey, settings, services, reach, audit }: Parts) {
    this.#audit = withRequestOrigin(audit)
    this.#reach = reach
    this.#services = services
    this.origin = origin
    this.organisation = organisation
    this.redis = this.#connectRedis(valkey)
    this.#ender = new SessionEnder(this.redis, new SessionStore(this.redis), {
      log: this.log,
      audit: this.#audit,
      history: new EndedSessions(this.redis, {
        origin,
        registry: new URL(organisation.registry.origin).origin,
        now: this.now,
        log: this.log,
      }),
    })
    this.#ender.listen(this.#connectRedis(valkey))
    this.#settings = { ...settingsFor(origin, valkey.url), ...settingsOf(organisation), ...settings }
    this.#config = readConfig(this.#settings)
    this.#handle = this.#deploy()
  }

  readonly listener: RequestListener = (request, response) => void this.#handle(request, response)

  get config(): Config {
    return this.#config
  }

  get settings(): Settings {
    return this.#settings
  }

  readonly now = (): number => Math.floor(Date.now() / 1000) + this.#passedSeconds

  /** Moves the clocks of the server and of Redis. */
  async passTime(seconds: number): Promise<void> {
    this.skipOwnClock(seconds)
    await passTime(this.redis, seconds)
    this.#timers.pass(seconds)
  }

  /** Moves only the server's clock. */
  skipOwnClock(seconds: number): void {
    this.#passedSeconds += seconds
  }

  /** A new process with changed settings and the same Redis. */
  redeploy(changes: Settings = {}): void {
    this.#settings = { ...this.#settings, ...changes }
    this.#config = readConfig(this.#settings)
    this.#handle = this.#deploy()
  }

  /** Makes a new sealing key current; the others are accepted. */
  rotateSealingKeys(): void {
    this.redeploy({ CONNECT_SEALING_KEYS: rotated(this.#settings.CONNECT_SEALING_KEYS ?? '', 'sealing') })
  }

  /** Starts another process with the same Redis and host; returns its URL. */
  async secondProcess(): Promise<string> {
    const handle = this.#deploy()
    const { origin } = await listenOnFreePort((request, response) => void handle(request, response))
    return origin
  }

  /** Adds the metrics of this process to a registry, without those that are counted in Redis. */
  showMetrics(shown: Registry): void {
    this.metrics.registerAt(shown)
    this.#ender.ended.registerAt(shown)
    keepReplayMetrics(shown, this.alarms)
    keepRecordMetrics(shown, this.recordAlarms)
  }

  /** Waits for renewals in the background. */
  async renewed(): Promise<void> {
    await this.inBackground.settled()
  }

  browser(headers?: Readonly<Record<string, string>>): HttpBrowser {
    return new HttpBrowser([this.origin, this.organisation.identityProvider.origin], headers)
  }

  async get(path: string, headers?: HeaderFields): Promise<Answer> {
    return await get(this.origin + path, headers)
  }

  async post(path: string, form: Form, headers?: HeaderFields): Promise<Answer> {
    return await post(this.origin + path, form, headers)
  }

  async register(metadata: unknown): Promise<Answer> {
    return await this.post('/auth/register', JSON.stringify(metadata), { 'content-type': 'application/json' })
  }

  async client(redirectUri = 'http://localhost:33418/callback', name = 'Claude Code'): Promise<TestClient> {
    const answer = await this.register({ client_name: name, redirect_uris: [redirectUri] })
    assert.equal(answer.status, 201, answer.text)
    return new TestClient(this.origin, { id: String(json(answer).client_id), redirectUri })
  }

  #connectRedis(valkey: Valkey): Redis {
    const redis = connectRedis(valkey.url, this.log)
    closeAfterAll(() => redis.disconnect())
    return redis
  }

  #deploy(): ReturnType<ReturnType<typeof createApp>['callback']> {
    const { registryUrl, credential } = this.#config
    this.metrics = new ConsentUiMetrics({
      services: this.#services,
      identityProvider: credential.identityProvider?.issuer,
    })
    const { metrics } = this
    const logouts = new Logouts(createRegistry(registryUrl, metrics.outgoing.to('registry')), this.log)
    this.unused = new UnusedCredentials({ logouts, timers: this.#timers, log: this.log })
    this.inBackground = new BackgroundWork(this.log)
    this.alarms = new ReplayAlarms(this.log)
    this.recordAlarms = new RecordAlarms(this.log)
    this.controls = new ControlFollower({
      store: new ControlStore(this.redis, this.origin),
      settings: this.#config,
      graceMs: CONTROLS_GRACE_MS,
      log: this.log,
      elapsedMs: () => performance.now(),
    })
    const { redis: store, rollbacks, controls, unused, inBackground, alarms, recordAlarms } = this
    const alarmed = { unused, inBackground, alarms, recordAlarms, metrics }
    const dependencies = {
      store,
      rollbacks,
      controls,
      ender: this.#ender,
      logouts,
      ...alarmed,
      services: this.#services,
    }
    const [reach, audit] = [this.#reach, this.#audit]
    this.notices = createNotices(this.#config, {
      redis: store,
      audit,
      log: this.log,
      now: this.now,
      retryAfterMs: [1, 1],
    })
    return createApp(this.#config, {
      ...dependencies,
      notices: this.notices,
      reach,
      audit,
      log: this.log,
      now: this.now,
    }).callback()
  }
}

/** Starts it on a free port, by default with the demo's identity provider and Registry. */
export async function startConnect(options: ConnectOptions = {}): Promise<Connect> {
  let listener: RequestListener = (_request, response) => void response.destroy()
  const { origin } = await listenOnFreePort((request, response) => listener(request, response))
  const organisation = await startOrganisation(`${origin}/connect/callback`, options)
  const valkey = options.valkey ?? (await sharedValkey())
  const { settings = {}, services = SERVICES, reach = NO_NETWORK, audit = NO_AUDIT } = options
  const connect = new Connect({ origin, organisation, valkey, settings, services, reach, audit })
  listener = connect.listener
  await until(() => connect.redis.status === 'ready', 'the connection to the store')
  return connect
}
