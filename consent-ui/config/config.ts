import { z } from 'zod'
import { readEnvironment, type Environment } from '../../core/config/environment.ts'
import { readAll } from '../../core/config/read-all.ts'
import { keyList, keyRing, type KeyRing } from '../../core/keys/keys.ts'
import {
  instant,
  isPrivateAddress,
  listenAddress,
  metricsListen,
  onOrOff,
  seconds,
  type ListenAddress,
} from '../../core/config/settings.ts'
import {
  checkSharedVariables,
  sharedSettings,
  sharedVariables,
  type SharedSettings,
} from '../../core/config/shared-settings.ts'
import { callerKeys, type CallerKey } from '../callers/caller-keys.ts'
import { readClientSettings, type ClientSettings } from './client-settings.ts'
import { readCredentialSettings, type CredentialSettings } from './credential-settings.ts'
import { readEnterpriseSettings, type EnterpriseSettings } from './enterprise-settings.ts'
import { readNoticeSettings, type NoticeSettings } from './notice-settings.ts'
import { refuseReusedSecrets } from './reused-secrets.ts'
import { readLimitSettings, type Limits } from './limit-settings.ts'
import { egressRanges, type EgressRange } from '../../core/network/egress-ranges.ts'
import { readSessionLifetimes, type SessionLifetimes } from './session-lifetimes.ts'

export interface Config extends SharedSettings {
  readonly listen: ListenAddress
  readonly signingKeys: KeyRing
  readonly clients: ClientSettings
  readonly credential: CredentialSettings
  /** Undefined when enterprise-managed authorization is off. */
  readonly enterprise: EnterpriseSettings | undefined
  readonly notices: NoticeSettings
  readonly lifetimes: SessionLifetimes
  readonly rateLimits: Limits
  /** Undefined when no metrics are served. */
  readonly metricsListen: ListenAddress | undefined
  readonly accessTokenSeconds: number
  /** Of the operator's own programs. */
  readonly callerKeys: readonly CallerKey[]
  /** Quilt administrators may see and end every connection. */
  readonly hasAdminPage: boolean
  readonly egressRanges: readonly EgressRange[]
  /** Seconds since 1970; transactions and account links without a MAC are accepted until then. */
  readonly unsignedRecordsUntil: number
}

const HOUR_SECONDS = 3600

const schema = z
  .object({
    ...sharedVariables,
    CONSENT_UI_LISTEN: listenAddress,
    CONSENT_UI_LISTEN_ANYWHERE: onOrOff,
    CONNECT_SIGNING_KEYS: keyList('signing'),
    // Clients refresh a token before each request once it has less than 5 minutes left.
    ACCESS_TOKEN_SECONDS: seconds(1, HOUR_SECONDS).default(HOUR_SECONDS),
    CONNECT_EGRESS_RANGES: egressRanges,
    CONNECT_OPERATOR_KEYS: callerKeys,
    ADMIN_PAGE: z.enum(['on', 'off'], { message: 'must be on or off' }).default('on'),
    // For a rolling deployment after a version that wrote transactions and account links without a MAC.
    UNSIGNED_RECORDS_UNTIL: instant.optional(),
    METRICS_LISTEN: metricsListen,
  })
  .superRefine(checkListenAddress)
  .superRefine(checkSharedVariables)
  .superRefine(refuseReusedSecrets)

interface ListenEnvironment {
  readonly CONSENT_UI_LISTEN: ListenAddress
  readonly CONSENT_UI_LISTEN_ANYWHERE: boolean
}

/** Only Envoy may reach consent-ui, which trusts `x-envoy-external-address`. ECS containers share loopback. */
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
  const { env, clients, credential, enterprise, notices, lifetimes, rateLimits } = readAll({
    env: () => readEnvironment(schema, environment),
    clients: () => readClientSettings(environment),
    credential: () => readCredentialSettings(environment),
    enterprise: () => readEnterpriseSettings(environment),
    notices: () => readNoticeSettings(environment),
    lifetimes: () => readSessionLifetimes(environment),
    rateLimits: () => readLimitSettings(environment),
  })
  return {
    ...sharedSettings(env),
    listen: env.CONSENT_UI_LISTEN,
    signingKeys: keyRing(env.CONNECT_ORIGIN, env.CONNECT_SIGNING_KEYS),
    clients,
    credential,
    enterprise,
    notices,
    lifetimes,
    rateLimits,
    metricsListen: env.METRICS_LISTEN,
    accessTokenSeconds: env.ACCESS_TOKEN_SECONDS,
    callerKeys: env.CONNECT_OPERATOR_KEYS,
    hasAdminPage: env.ADMIN_PAGE === 'on',
    egressRanges: env.CONNECT_EGRESS_RANGES,
    unsignedRecordsUntil: env.UNSIGNED_RECORDS_UNTIL ?? 0,
  }
}
