import { z } from 'zod'
import {
  auditSettings,
  auditVariables,
  checkAuditVariables,
  type AuditSettings,
} from '../audit/audit-settings.ts'
import { blockedClients, type BlockedClients } from '../clients/blocked-clients.ts'
import { refuseDemoKeys } from '../keys/demo-keys.ts'
import { keyList, keyRing, type KeyRing, type OperatorKey } from '../keys/keys.ts'
import { sharedEgressRanges, type EgressRange } from '../network/egress-ranges.ts'
import { services } from '../services/service-settings.ts'
import { checkStop, stop, type Stop } from '../services/stop.ts'
import type { Service } from '../services/service.ts'
import {
  checkStoreVariables,
  storeSettings,
  storeVariables,
  type StoreSettings,
} from '../store/store-settings.ts'
import { tracingVariables } from '../tracing/tracing-settings.ts'
import { logLevel, onOrOff, origin, secondsOrOff, secureUrl } from './settings.ts'

const DAY_SECONDS = 86_400
const DEFAULT_STORE_GAP_SECONDS = 900

/** The environment variables that authz and consent-ui both read. Both must be given the same values. */
export const sharedVariables = {
  CONNECT_ORIGIN: origin,
  // Databricks compares the issuer with the port written out, `https://connect.example.com:443`.
  ISSUER_EXPLICIT_PORT: onOrOff,
  CONNECT_SERVICES: services,
  ...storeVariables,
  STORE_GAP_MAX_SECONDS: secondsOrOff(60, 30 * DAY_SECONDS).default(DEFAULT_STORE_GAP_SECONDS),
  LOG_LEVEL: logLevel.default('info'),
  CONNECT_SEALING_KEYS: keyList('sealing'),
  QUILT_REGISTRY_URL: secureUrl,
  CONNECT_BLOCKED_CLIENTS: blockedClients,
  CONNECT_STOP: stop,
  RATE_LIMIT_EXEMPT: sharedEgressRanges,
  ...auditVariables,
  ...tracingVariables,
}

export interface SharedSettings {
  readonly origin: string
  /** `iss` of tokens, documents and answers: the origin, with its port if ISSUER_EXPLICIT_PORT is set. */
  readonly issuer: string
  readonly services: readonly Service[]
  readonly store: StoreSettings
  /** Max time without any process, after which Redis counts as restored from a snapshot; 0 for any time. */
  readonly maxStoreGapMs: number
  readonly logLevel: string
  readonly sealingKeys: KeyRing
  readonly registryUrl: URL
  readonly blockedClients: BlockedClients
  readonly stop: Stop
  readonly sharedEgress: readonly EgressRange[]
  readonly audit: AuditSettings
  /** Where spans are sent; undefined without traces. */
  readonly tracesEndpoint: URL | undefined
}

type SharedEnvironment = z.output<z.ZodObject<typeof sharedVariables>>

export function checkSharedVariables(
  environment: SharedEnvironment & { readonly CONNECT_SIGNING_KEYS?: readonly OperatorKey[] },
  context: z.RefinementCtx,
): void {
  checkStoreVariables(environment, context)
  refuseDemoKeys(environment, context)
  checkStop(environment, context)
  checkAuditVariables(environment, context)
}

export function sharedSettings(env: SharedEnvironment): SharedSettings {
  return {
    origin: env.CONNECT_ORIGIN,
    issuer: issuerOf(env.CONNECT_ORIGIN, { explicitPort: env.ISSUER_EXPLICIT_PORT }),
    services: env.CONNECT_SERVICES,
    store: storeSettings(env),
    maxStoreGapMs: env.STORE_GAP_MAX_SECONDS * 1000,
    logLevel: env.LOG_LEVEL,
    sealingKeys: keyRing(env.CONNECT_ORIGIN, env.CONNECT_SEALING_KEYS),
    registryUrl: env.QUILT_REGISTRY_URL,
    blockedClients: env.CONNECT_BLOCKED_CLIENTS,
    stop: env.CONNECT_STOP,
    sharedEgress: env.RATE_LIMIT_EXEMPT,
    audit: auditSettings(env),
    tracesEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT,
  }
}

const DEFAULT_PORTS = new Map([
  ['https:', '443'],
  ['http:', '80'],
])

/** The issuer, byte for byte. Audiences never carry the default port. */
function issuerOf(host: string, { explicitPort }: { readonly explicitPort: boolean }): string {
  const { protocol, port } = new URL(host)
  if (!explicitPort || port !== '') return host
  return `${host}:${DEFAULT_PORTS.get(protocol) ?? ''}`
}
