import type { Environment } from '../../../core/config/environment.ts'
import type { KeyRing } from '../../../core/keys/keys.ts'
import { UsageError } from '../command.ts'
import { readAuditKeys } from '../config.ts'

/** @throws UsageError without AUDIT_KEYS; ConfigurationError if they are wrong */
export function requireAuditKeys(environment: Environment): KeyRing {
  const keys = readAuditKeys(environment)
  if (keys !== undefined) return keys
  throw new UsageError('AUDIT_KEYS is required: the list that authz and consent-ui have, with earlier keys')
}
