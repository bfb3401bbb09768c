import type { Access } from '../../../core/sessions/session.ts'
import type { AuditRecord } from './audit-record.ts'

interface RecordedService {
  readonly prefix: string
  readonly mayBeFull: boolean
}

interface RecordedAccess {
  /** When the session was read-only for the first time, and full for the last. */
  readSinceMs: number
  fullUntilMs: number
}

/** As ConfigurationLoaded has it: `platform /mcp/platform: read full`. */
const SERVICE = /^(\S+) (\S+): ([a-z ]+)$/

/** The policy under which the events were recorded: services, and what each session was granted. */
export class RecordedPolicy {
  readonly #services = new Map<string, ReadonlyMap<string, RecordedService>>()
  readonly #apiKeys = new Map<string, string>()
  readonly #sessions = new Map<string, RecordedAccess>()
  readonly #clientNames = new Map<string, string>()

  read(record: AuditRecord): void {
    const { eventName, requestParameters, additionalEventData, chain, metadata } = record
    const { client, clientName } = requestParameters
    if (client !== undefined && clientName !== undefined) this.#clientNames.set(client, clientName)
    if (eventName === 'Connect.ConfigurationLoaded') {
      const { services = [], apiKeys } = additionalEventData
      this.#services.set(chain.process, new Map(services.flatMap(readService)))
      if (apiKeys !== undefined) this.#apiKeys.set(chain.process, apiKeys)
    } else if (metadata.product.feature.name === 'consent-ui') this.#readSession(record)
  }

  clientName(fingerprint: string): string | undefined {
    return this.#clientNames.get(fingerprint)
  }

  /** The service as it was when the event was recorded; undefined if no line says so. */
  serviceOf({ chain, requestParameters }: AuditRecord): RecordedService | undefined {
    return this.#services.get(chain.process)?.get(requestParameters.service ?? '')
  }

  /** What the session or the API key was granted, which its service's `grants` may have lowered. */
  grantedTo(record: AuditRecord): Access | undefined {
    const { access, session } = record.requestParameters
    if (access === 'full') return 'full'
    const granted =
      session === undefined ? this.#apiKeyAccess(record) : this.#sessionAccess(session, record.time)
    if (granted !== undefined) return granted
    return access === 'read' && this.serviceOf(record)?.mayBeFull === true ? 'read' : undefined
  }

  #apiKeyAccess({ chain }: AuditRecord): Access | undefined {
    const access = this.#apiKeys.get(chain.process)
    return access === 'read' || access === 'full' ? access : undefined
  }

  #sessionAccess(session: string, timeMs: number): Access | undefined {
    const recorded = this.#sessions.get(session)
    if (recorded === undefined) return undefined
    // Access is only ever lowered.
    if (recorded.readSinceMs <= timeMs) return 'read'
    return recorded.fullUntilMs > -Infinity ? 'full' : undefined
  }

  #readSession({ eventName, requestParameters, time }: AuditRecord): void {
    const { session, access } = requestParameters
    if (session === undefined || access === undefined) return
    const recorded = this.#sessions.get(session) ?? { readSinceMs: Infinity, fullUntilMs: -Infinity }
    const isRead = access === 'read' || eventName === 'Connect.SessionDowngraded'
    if (isRead) recorded.readSinceMs = Math.min(recorded.readSinceMs, time)
    else recorded.fullUntilMs = Math.max(recorded.fullUntilMs, time)
    this.#sessions.set(session, recorded)
  }
}

function readService(text: string): (readonly [string, RecordedService])[] {
  const [, name, prefix, grants] = SERVICE.exec(text) ?? []
  if (name === undefined || prefix === undefined || grants === undefined) return []
  return [[name, { prefix, mayBeFull: grants.split(' ').includes('full') }]]
}
