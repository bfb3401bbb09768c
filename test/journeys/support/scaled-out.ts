import { request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { firstRefreshToken, writeRefreshToken } from '../../../consent-ui/oauth/refresh-token.ts'
import { issueAccessToken, type TokenIssuer } from '../../../consent-ui/oauth/issue-access-token.ts'
import { signingKey } from '../../../consent-ui/keys/signing-keys.ts'
import { randomSecret, sha256 } from '../../../core/keys/hash.ts'
import { keyList, keyRing } from '../../../core/keys/keys.ts'
import { createLog } from '../../../core/log/log.ts'
import { audienceOf } from '../../../core/services/service.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { sealCredential } from '../../../core/sessions/session.ts'
import { connectStore, type Store } from '../../../core/store/redis.ts'
import type { StoreSettings } from '../../../core/store/store-settings.ts'
import { socketPath } from '../../../deploy/local/context/addresses.ts'
import { makeLocalSecrets } from '../../../deploy/local/context/local-secrets.ts'
import { freeStackPorts } from '../../../deploy/local/context/ports.ts'
import type { StackContext } from '../../../deploy/local/context/stack-context.ts'
import { authz, consentUi } from '../../../deploy/local/processes/services.ts'
import { createOrphanGuard } from '../../../deploy/local/supervisor/orphan-guard.ts'
import { SupervisedProcess } from '../../../deploy/local/supervisor/supervised-process.ts'
import { FakeEnvoy } from '../../authz/support/envoy.ts'
import { ScriptedRegistry } from '../../authz/support/registry.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { PLATFORM } from '../../support/services.ts'
import { storeEvent } from '../../support/store/store-event.ts'

const CLIENT = { client_id: 'load', client_name: 'Load', redirect_uris: ['http://localhost:33418/callback'] }
const ROOT = join(import.meta.dirname, '../../..')
const DAY_SECONDS = 86_400
const HOUR_SECONDS = 3600

/** A session with its current tokens. */
export interface OpenedSession {
  readonly id: string
  readonly accessToken: string
  refreshToken: string
}

/** Processes of authz and consent-ui over one store, without Envoy. */
export interface ScaledOut {
  readonly lines: readonly string[]
  readonly sessions: SessionStore
  readonly authzCount: number
  readonly consentUiCount: number
  /** As redeeming a code does. */
  open(): Promise<OpenedSession>
  /** How one authz decides about a token: 200, 401 or 503; 0 without an answer. */
  ask(authz: number, accessToken: string): Promise<number>
  revoke(consentUi: number, session: OpenedSession): Promise<number>
  /** Keeps the new refresh token. */
  refresh(consentUi: number, session: OpenedSession): Promise<number>
}

interface ScaledOutOptions extends Pick<ScaledOut, 'authzCount' | 'consentUiCount'> {
  /** The source tree that a process runs, by its index; this one if absent. */
  readonly rootOf?: (index: number) => string
}

export async function startScaledOut(
  settings: StoreSettings,
  { authzCount, consentUiCount, rootOf = () => ROOT }: ScaledOutOptions,
): Promise<ScaledOut> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-scaled-'))
  const orphanGuard = createOrphanGuard(folder)
  closeAfterAll(async () => {
    await orphanGuard.release()
    await rm(folder, { recursive: true, force: true })
  })
  const registry = await ScriptedRegistry.start()
  const ports = await freeStackPorts()
  const origin = `http://localhost:${ports.connect}`
  const secrets = makeLocalSecrets(origin)
  const lines: string[] = []

  async function start(what: typeof authz, index: number): Promise<string> {
    const ownFolder = await mkdtemp(join(folder, 'task-'))
    const context: StackContext = {
      ports,
      origin,
      secrets,
      folder: ownFolder,
      binaries: { envoy: '', valkey: '' },
      logLevel: 'info',
      registryUrl: registry.url,
    }
    const spec = what(context)
    const args = spec.args.map((arg) => arg.replace(ROOT, rootOf(index)))
    const environment = {
      ...spec.environment,
      REDIS_URL: settings.urls.join(','),
      REDIS_MODE: settings.mode,
      CONNECT_CLIENTS: JSON.stringify([CLIENT]),
    }
    const write = (from: string, line: string): void => void lines.push(`${from} ${index} ${line}`)
    const process = new SupervisedProcess({ ...spec, args, environment }, { write, orphanGuard })
    closeAfterAll(() => process.stop())
    await process.start()
    return socketPath(context, spec.name === 'authz' ? 'authz' : 'consent-ui')
  }

  const indexes = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
  const authzSockets = await Promise.all(indexes(authzCount).map((index) => start(authz, index)))
  const consentUis = await Promise.all(indexes(consentUiCount).map((index) => start(consentUi, index)))
  const envoys = authzSockets.map((socket) => new FakeEnvoy(`unix:${socket}`))
  closeAfterAll(() => envoys.forEach((envoy) => envoy.close()))
  const store = await connectTo(settings)
  const sessions = new SessionStore(store)
  const issuer = {
    issuer: origin,
    ...signingKey(keyRing(origin, keyList('signing').parse(secrets.signingKeys))),
  }
  const ring = keyRing(origin, keyList('sealing').parse(secrets.sealingKeys))

  return {
    lines,
    sessions,
    authzCount,
    consentUiCount,
    open: () => openSession({ sessions, ring, issuer, origin }),
    async ask(index, accessToken) {
      const asked = envoys[index]?.present(accessToken, { deadline: Date.now() + 2000 })
      const answer = await asked?.catch(() => undefined)
      return answer?.kind === 'ok_response' ? 200 : (answer?.httpStatus ?? 0)
    },
    async revoke(index, { refreshToken: token }) {
      const { statusCode = 0 } = await post(consentUis[index], '/auth/revoke', { token })
      return statusCode
    },
    async refresh(index, session) {
      const form = { grant_type: 'refresh_token', refresh_token: session.refreshToken }
      const response = await post(consentUis[index], '/auth/token', form)
      const { refresh_token: next } = (await json(response)) as { refresh_token?: string }
      if (next !== undefined) session.refreshToken = next
      return response.statusCode ?? 0
    },
  }
}

async function connectTo(settings: StoreSettings): Promise<Store> {
  const store = connectStore(settings, createLog('test', 'silent'))
  closeAfterAll(() => store.disconnect())
  await storeEvent(store, 'ready')
  return store
}

interface Opens {
  readonly sessions: SessionStore
  readonly ring: Parameters<typeof sealCredential>[0]
  readonly issuer: TokenIssuer
  readonly origin: string
}

async function openSession({ sessions, ring, issuer, origin }: Opens): Promise<OpenedSession> {
  const [id, share, code] = [randomSecret(), randomSecret(), randomSecret()]
  const now = Math.floor(Date.now() / 1000)
  const facts = {
    id,
    person: { name: 'ada', email: 'ada@example.com' },
    clientId: CLIENT.client_id,
    clientName: CLIENT.client_name,
    resource: audienceOf(origin, PLATFORM),
    scope: 'platform',
    access: 'full' as const,
    createdAt: now,
    checkedAt: now,
    expiresAt: now + DAY_SECONDS,
  }
  const credential = { token: `quilt-${id}`, expiresAt: now + DAY_SECONDS }
  const session = sealCredential(ring, facts, { share, credential })
  const token = firstRefreshToken(id, share)
  const refreshToken = writeRefreshToken(token)
  await sessions.issueCode(id, code, { record: 'issued', seconds: 60 })
  await sessions.openSession(
    { hash: code, record: 'issued', usedMarker: 'used', usedSeconds: 60 },
    {
      session,
      refresh: { hash: sha256(refreshToken), generation: token.generation, keyId: ring.current.id },
      idleSeconds: DAY_SECONDS,
    },
  )
  const accessToken = await issueAccessToken(issuer, { session, share }, { now, seconds: HOUR_SECONDS })
  return { id, accessToken, refreshToken }
}

async function post(
  socketPath: string | undefined,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<IncomingMessage> {
  const body = new URLSearchParams({ ...form, client_id: CLIENT.client_id }).toString()
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-envoy-external-address': '203.0.113.7',
  }
  const asked = request({ socketPath, path, method: 'POST', headers, agent: false })
  asked.end(body)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  if (path === '/auth/revoke') response.resume()
  return response
}
