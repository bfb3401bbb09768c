import { z } from 'zod'
import {
  auditSettings,
  auditVariables,
  checkAuditVariables,
  type AuditSettings,
} from '../../core/audit/audit-settings.ts'
import { readEnvironment, type Environment } from '../../core/config/environment.ts'
import { origin, secureUrl } from '../../core/config/settings.ts'
import { keyList, keyRing, type KeyRing } from '../../core/keys/keys.ts'
import { services } from '../../core/services/service-settings.ts'
import type { Service } from '../../core/services/service.ts'
import {
  checkStoreVariables,
  storeSettings,
  storeVariables,
  type StoreSettings,
} from '../../core/store/store-settings.ts'

const auditSchema = z.object({ CONNECT_ORIGIN: origin, AUDIT_KEYS: keyList('audit').optional() })

/** @returns undefined without AUDIT_KEYS. @throws ConfigurationError that lists every problem */
export function readAuditKeys(environment: Environment): KeyRing | undefined {
  const env = readEnvironment(auditSchema, environment)
  return env.AUDIT_KEYS === undefined ? undefined : keyRing(env.CONNECT_ORIGIN, env.AUDIT_KEYS)
}

const steeringSchema = z
  .object({
    CONNECT_ORIGIN: origin,
    CONNECT_SERVICES: services,
    CONNECT_SEALING_KEYS: keyList('sealing'),
    QUILT_REGISTRY_URL: secureUrl,
    OIDC_ISSUER: z.string().optional(),
    ...storeVariables,
    ...auditVariables,
  })
  .superRefine(checkStoreVariables)
  .superRefine(checkAuditVariables)

/** What commands need that see and change running services. */
export interface SteeringConfig {
  readonly origin: string
  readonly services: readonly Service[]
  readonly sealingKeys: KeyRing
  readonly registryUrl: URL
  /** Of the identity provider; undefined without one. */
  readonly identityProvider: string | undefined
  readonly store: StoreSettings
  readonly audit: AuditSettings
}

/** @throws ConfigurationError that lists every problem */
export function readSteeringConfig(environment: Environment): SteeringConfig {
  const env = readEnvironment(steeringSchema, environment)
  return {
    origin: env.CONNECT_ORIGIN,
    services: env.CONNECT_SERVICES,
    sealingKeys: keyRing(env.CONNECT_ORIGIN, env.CONNECT_SEALING_KEYS),
    registryUrl: env.QUILT_REGISTRY_URL,
    identityProvider: env.OIDC_ISSUER,
    store: storeSettings(env),
    audit: auditSettings(env),
  }
}
