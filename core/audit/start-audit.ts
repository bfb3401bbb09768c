import { ConfigurationError } from '../config/environment.ts'
import type { KeyRing } from '../keys/keys.ts'
import { sha256 } from '../keys/hash.ts'
import type { Log } from '../log/log.ts'
import type { Service } from '../services/service.ts'
import type { Stop } from '../services/stop.ts'
import { NO_AUDIT, type Audit, type DetailValue } from './audit-entry.ts'
import { AuditLog } from './audit-log.ts'
import type { AuditBacklog } from './audit-metrics.ts'
import type { AuditSettings } from './audit-settings.ts'

interface LoadedConfiguration {
  readonly audit: AuditSettings
  readonly issuer: string
  readonly services: readonly Service[]
  readonly sealingKeys: KeyRing
  readonly stop: Stop
}

interface AuditedProcess {
  /** `authz` or `consent-ui`. */
  readonly part: string
  readonly log: Log
  readonly nowMs: () => number
  /** What this service reads beside what both read; no secret. */
  readonly details: Readonly<Record<string, DetailValue>>
}

export interface StartedAudit {
  readonly audit: Audit
  readonly backlog: () => AuditBacklog
  /** Writes the last line. */
  readonly stop: () => Promise<void>
}

const OFF: StartedAudit = {
  audit: NO_AUDIT,
  backlog: () => ({ lost: 0, waiting: 0 }),
  stop: () => Promise.resolve(),
}

/** Begins the chain of this process with the configuration in force. @throws ConfigurationError if it cannot be written */
export async function startAudit(
  configuration: LoadedConfiguration,
  { part, log, nowMs, details }: AuditedProcess,
): Promise<StartedAudit> {
  const { audit: settings, issuer, services, sealingKeys, stop } = configuration
  if (settings === 'off') return OFF
  const audit = new AuditLog({ settings, part, log, nowMs })
  await audit.begin().catch((error: unknown) => {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new ConfigurationError([
      `AUDIT_LOG cannot be written (${code}); check the path, its folder and their permissions`,
    ])
  })
  const loaded = {
    issuer,
    services: services.map(({ name, pathPrefix, grants }) => `${name} ${pathPrefix}: ${grants.join(' ')}`),
    servicesDigest: sha256(JSON.stringify(services, writeSet)),
    stopped: stop === 'all' ? ['all'] : [...stop],
    sealingKeys: keyUses(sealingKeys),
    auditKeys: keyUses(settings.keys),
    ...details,
  }
  audit.record({ name: 'ConfigurationLoaded', by: 'operator', details: loaded })
  return { audit, backlog: () => audit.backlog, stop: () => audit.stop() }
}

/** Ids and uses, so that a rotation is seen. */
export function keyUses({ all }: KeyRing): string[] {
  return all.map(({ id, use }) => `${id} ${use}`)
}

function writeSet(_name: string, value: unknown): unknown {
  return value instanceof Set ? [...(value as Set<unknown>)] : value
}
