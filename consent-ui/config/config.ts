import { z } from 'zod'
import { refuseDemoKeys } from '../../core/keys/demo-keys.ts'
import { ConfigurationError, readEnvironment, type Environment } from '../../core/config/environment.ts'
import { issuerOf, issuerVariables } from '../../core/config/issuer.ts'
import { keyList, keyRing, type KeyRing } from '../../core/keys/keys.ts'
import type { Service } from '../../core/services/service.ts'
import { services } from '../../core/services/service-settings.ts'
import {
  instant,
  isPrivateAddress,
  listenAddress,
  logLevel,
  onOrOff,
  origin,
  seconds,
  secureUrl,
  type ListenAddress,
} from '../../core/config/settings.ts'
import {
  checkStoreVariables,
  storeSettings,
  storeVariables,
  type StoreSettings,
} from '../../core/store/store-settings.ts'
import { readClientSettings, type ClientSettings } from './client-settings.ts'
import { readCredentialSettings, type CredentialSettings } from './credential-settings.ts'
import { refuseSharedKeys } from './shared-keys.ts'
import { readLimitSettings, type LimitSettings } from './limit-settings.ts'
import { CLAUDE_EGRESS, parseEgressRanges, type EgressRange } from '../../core/network/egress-ranges.ts'
import { readMetricsSettings, type MetricsSettings } from './metrics-settings.ts'
import { parseAllowedHosts, type AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import { readSessionLifetimes, type SessionLifetimes } from './session-lifetimes.ts'

export interface Config {
  readonly origin: string
  /** The origin, with its port where the operator wants it written. */
  readonly issuer: string
  readonly listen: ListenAddress
  readonly services: readonly Service[]
  readonly store: StoreSettings
  readonly logLevel: string
  readonly sealingKeys: KeyRing
  readonly signingKeys: KeyRing
  readonly allowedHosts: AllowedHosts
  readonly clients: ClientSettings
  readonly registryUrl: URL
  readonly credential: CredentialSettings
  readonly lifetimes: SessionLifetimes
  readonly rateLimits: LimitSettings
  readonly metrics: MetricsSettings
  readonly accessTokenSeconds: number
  readonly egressRanges: readonly EgressRange[]
  /** Until then, in seconds since 1970, transactions and person links without a MAC count. */
  readonly unsignedRecordsUntil: number
}

const HOUR_SECONDS = 3600
/** Whoever writes one means more than the grammar would give them. */
const NO_WILDCARD =
  'has a wildcard: write .example.com for every subdomain of example.com, and name the others'

const schema = z
  .object({
    CONNECT_ORIGIN: origin,
    ...issuerVariables,
    CONSENT_UI_LISTEN: listenAddress,
    CONSENT_UI_LISTEN_ANYWHERE: onOrOff,
    CONNECT_SERVICES: services,
    ...storeVariables,
    LOG_LEVEL: logLevel.default('info'),
    CONNECT_SEALING_KEYS: keyList('sealing'),
    CONNECT_SIGNING_KEYS: keyList('signing'),
    // Empty as documented for ConnectAllowedHosts: Connect is off.
    CONNECT_ALLOWED_HOSTS: z
      .string()
      .default('')
      .refine((text) => !text.includes('*'), { message: NO_WILDCARD })
      .transform(parseAllowedHosts),
    QUILT_REGISTRY_URL: secureUrl,
    // Clients refresh tokens that have less than 5 minutes to live before every request.
    ACCESS_TOKEN_SECONDS: seconds(1, HOUR_SECONDS).default(HOUR_SECONDS),
    // Addresses that one party's requests come from, and which therefore count as one network.
    CONNECT_EGRESS_RANGES: z.string().default(CLAUDE_EGRESS).transform(parseEgressRanges),
    // For a rolling deployment after a version that wrote transactions and person links without a MAC.
    UNSIGNED_RECORDS_UNTIL: instant.optional(),
  })
  .superRefine(checkListenAddress)
  .superRefine(checkStoreVariables)
  .superRefine(refuseDemoKeys)
  .superRefine(refuseSharedKeys)

interface ListenEnvironment {
  readonly CONSENT_UI_LISTEN: ListenAddress
  readonly CONSENT_UI_LISTEN_ANYWHERE: boolean
}

/**
 * Only Envoy may reach consent-ui: it believes the `x-envoy-external-address` of each request, by which it limits
 * and judges clients. The containers of an ECS task share a network namespace, so loopback serves there too.
 */
function checkListenAddress(environment: ListenEnvironment, context: z.RefinementCtx): void {
  if (environment.CONSENT_UI_LISTEN_ANYWHERE || isPrivateAddress(environment.CONSENT_UI_LISTEN)) return
  context.addIssue({
    code: 'custom',
    path: ['CONSENT_UI_LISTEN'],
    message:
      'can be reached from other machines, which could name any client address: write a Unix socket or 127.0.0.1:3000, or set CONSENT_UI_LISTEN_ANYWHERE=true',
  })
}

/** @throws ConfigurationError that lists every problem */
export function readConfig(environment: Environment): Config {
  const { env, clients, credential, lifetimes, rateLimits, metrics } = readAll({
    env: () => readEnvironment(schema, environment),
    clients: () => readClientSettings(environment),
    credential: () => readCredentialSettings(environment),
    lifetimes: () => readSessionLifetimes(environment),
    rateLimits: () => readLimitSettings(environment),
    metrics: () => readMetricsSettings(environment),
  })
  return {
    origin: env.CONNECT_ORIGIN,
    issuer: issuerOf(env.CONNECT_ORIGIN, { explicitPort: env.ISSUER_EXPLICIT_PORT }),
    listen: env.CONSENT_UI_LISTEN,
    services: env.CONNECT_SERVICES,
    store: storeSettings(env),
    logLevel: env.LOG_LEVEL,
    sealingKeys: keyRing(env.CONNECT_ORIGIN, env.CONNECT_SEALING_KEYS),
    signingKeys: keyRing(env.CONNECT_ORIGIN, env.CONNECT_SIGNING_KEYS),
    allowedHosts: env.CONNECT_ALLOWED_HOSTS,
    clients,
    registryUrl: env.QUILT_REGISTRY_URL,
    credential,
    lifetimes,
    rateLimits,
    metrics,
    accessTokenSeconds: env.ACCESS_TOKEN_SECONDS,
    egressRanges: env.CONNECT_EGRESS_RANGES,
    unsignedRecordsUntil: env.UNSIGNED_RECORDS_UNTIL ?? 0,
  }
}

type Readers = Readonly<Record<string, () => unknown>>

/** Reads every part, and complains about all of them at once. */
function readAll<Parts extends Readers>(parts: Parts): { [Name in keyof Parts]: ReturnType<Parts[Name]> } {
  const problems: string[] = []
  const read = Object.entries(parts).map(([name, part]) => {
    try {
      return [name, part()]
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      problems.push(...error.problems)
      return [name, undefined]
    }
  })
  if (problems.length > 0) throw new ConfigurationError(problems)
  return Object.fromEntries(read) as { [Name in keyof Parts]: ReturnType<Parts[Name]> }
}
