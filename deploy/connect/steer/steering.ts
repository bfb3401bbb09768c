import { once } from 'node:events'
import { userInfo } from 'node:os'
import process from 'node:process'
import { pino } from 'pino'
import { createLog, type Log } from '../../../core/log/log.ts'
import type { Environment } from '../../../core/config/environment.ts'
import { ControlStore } from '../../../core/controls/control-store.ts'
import { describeError } from '../../../core/log/describe-error.ts'
import { SessionIndex } from '../../../core/sessions/session-index.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { connectStore, connectSubscriber, type Store } from '../../../core/store/redis.ts'
import { Connections } from '../../../consent-ui/admin/connections.ts'
import { EndConnections } from '../../../consent-ui/admin/end-connections.ts'
import { SessionEnder, type Confirmation } from '../../../consent-ui/sessions/session-ender.ts'
import { EndedSessions } from '../../../consent-ui/store/ended-sessions.ts'
import { PersonSessions } from '../../../consent-ui/store/person-sessions.ts'
import { UsageError, type Output } from '../command.ts'
import { readSteeringConfig, type SteeringConfig } from '../config.ts'
import { OperatorAudit } from './operator-audit.ts'

const CONNECT_TIMEOUT_MS = 5000
/** What needs no user name: a container may run under a user id without one. */
const UNNAMED_OPERATOR = 'operator'

/** What commands see and change running services with. */
export interface Steering {
  readonly config: SteeringConfig
  /** Who runs the command, for the audit log. */
  readonly by: string
  readonly store: Store
  readonly log: Log
  readonly connections: Connections
  readonly endConnections: EndConnections
  readonly ender: SessionEnder
  readonly controls: ControlStore
  readonly audit: OperatorAudit
  /** Seconds since 1970. */
  readonly now: () => number
}

/** Options that every command takes which changes something. */
export const CHANGE_OPTIONS = {
  by: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

export const CHANGE_HELP = `--by NAME  who runs it, for the audit log; by default the user of this machine
    --json     prints the result as JSON`

export const ENVIRONMENT_HELP = `Needs the environment of consent-ui: CONNECT_ORIGIN, CONNECT_SERVICES, CONNECT_SEALING_KEYS,
    QUILT_REGISTRY_URL, the variables of Redis, and those of the audit log if there is one.`

/**
 * Connects to Redis and begins the audit log, both before anything is changed.
 *
 * @throws ConfigurationError, or UsageError if Redis does not answer
 */
export async function withSteering(
  environment: Environment,
  by: string | undefined,
  run: (steering: Steering) => Promise<Output>,
): Promise<Output> {
  const config = readSteeringConfig(environment)
  const silent = createLog('connect', 'silent')
  const [store, subscriber] = [connectStore(config.store, silent), connectSubscriber(config.store, silent)]
  try {
    await Promise.all([store, subscriber].map(requireReady))
    const audit = await OperatorAudit.begin(config.audit, by ?? nameOfUser())
    let isAudited = false
    let output: Output
    try {
      output = await run(steeringOf(config, { store, subscriber, audit }))
    } finally {
      isAudited = await audit.stop()
    }
    // Standard error says how many lines were lost.
    return isAudited ? output : { ...output, exitCode: 1 }
  } finally {
    store.disconnect()
    subscriber.disconnect()
  }
}

type Connected = Pick<Steering, 'store' | 'audit'> & {
  readonly subscriber: ReturnType<typeof connectSubscriber>
}

function steeringOf(config: SteeringConfig, { store, subscriber, audit }: Connected): Steering {
  const { origin, registryUrl } = config
  const now = (): number => Math.floor(Date.now() / 1000)
  // Warnings name the processes that have not acknowledged.
  const log = pino({ level: 'warn', messageKey: 'message' }, process.stderr)
  const sessions = new SessionStore(store)
  const personSessions = new PersonSessions(store, origin)
  const history = new EndedSessions(store, { origin, registry: registryUrl.origin, now, log })
  const ender = new SessionEnder(store, sessions, { log, audit, history })
  ender.listen(subscriber)
  const sessionIndex = new SessionIndex(store, origin)
  return {
    config,
    by: audit.by,
    store,
    log,
    connections: new Connections({ store, sessions, sessionIndex, personSessions, registryUrl, now }),
    endConnections: new EndConnections({ ender, personSessions, registryUrl }),
    ender,
    controls: new ControlStore(store, origin),
    audit,
    now,
  }
}

async function requireReady(connection: Store): Promise<void> {
  if (connection.status === 'ready') return
  let reason = ''
  connection.on('error', (error: Error) => (reason = describeError(error)))
  try {
    const waits = new AbortController()
    const timeout = setTimeout(() => waits.abort(), CONNECT_TIMEOUT_MS)
    await readyOrAborted(connection, waits.signal)
    clearTimeout(timeout)
  } catch {
    const cause = reason === '' ? '' : ` (${reason})`
    throw new UsageError(
      `REDIS_URL: Redis does not answer within ${CONNECT_TIMEOUT_MS / 1000} s${cause}; nothing was changed`,
    )
  }
}

/** Errors on the way do not count: the connection tries again. */
async function readyOrAborted(connection: Store, signal: AbortSignal): Promise<void> {
  while (connection.status !== 'ready') {
    await once(connection, 'ready', { signal }).catch((error: unknown) => {
      if (signal.aborted) throw error
    })
  }
}

function nameOfUser(): string {
  try {
    return userInfo().username
  } catch {
    return UNNAMED_OPERATOR
  }
}

/** Says in words whether a change is in force everywhere. @param parts - whose processes acknowledge it */
export function confirmationText(
  { isAcknowledged, isReplicated }: Confirmation,
  parts: 'authz' | 'authz and consent-ui',
): string {
  return [
    isAcknowledged
      ? `Every running ${parts} process acknowledged it.`
      : `Not every ${parts} process acknowledged it within 1 s. Each reads Redis again within seconds, or answers 503.`,
    ...(isReplicated
      ? []
      : ['No Redis replica confirmed it: if the master fails now, run the command again.']),
  ].join('\n')
}
