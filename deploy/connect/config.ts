import { z } from 'zod'
import { readEnvironment, type Environment } from '../../core/config/environment.ts'
import { origin } from '../../core/config/settings.ts'
import { keyList, keyRing, type KeyRing } from '../../core/keys/keys.ts'

const auditSchema = z.object({ CONNECT_ORIGIN: origin, AUDIT_KEYS: keyList('audit').optional() })

/** @returns undefined without AUDIT_KEYS. @throws ConfigurationError that lists every problem */
export function readAuditKeys(environment: Environment): KeyRing | undefined {
  const env = readEnvironment(auditSchema, environment)
  return env.AUDIT_KEYS === undefined ? undefined : keyRing(env.CONNECT_ORIGIN, env.AUDIT_KEYS)
}
