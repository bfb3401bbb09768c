import type { JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { readEnvironment, type Environment } from '../core/config/environment.ts'
import type { Access } from '../core/sessions/session.ts'
import {
  metricsListen,
  privateListenAddress,
  seconds,
  wholeNumber,
  type ListenAddress,
} from '../core/config/settings.ts'
import {
  checkSharedVariables,
  sharedSettings,
  sharedVariables,
  type SharedSettings,
} from '../core/config/shared-settings.ts'
import { publicKeys } from './tokens/public-keys.ts'

export interface Config extends SharedSettings {
  readonly listen: ListenAddress
  readonly publicKeys: JSONWebKeySet
  /** Undefined when no metrics are served. */
  readonly metricsListen: ListenAddress | undefined
  readonly sessionCacheSize: number
  /** Max duration of an event stream; its client resumes it. */
  readonly maxStreamMs: number
  readonly apiKeys: Access | 'off'
  /** Max subscription lag with which cached sessions are served while Redis fails. */
  readonly storeGraceMs: number
  /** Max age of the Registry's last acceptance of a user while the Registry is unavailable. */
  readonly registryOutageMs: number
}

const DEFAULT_SESSION_CACHE_SIZE = 100_000
const MIN_SESSION_CACHE_SIZE = 1000
const MAX_SESSION_CACHE_SIZE = 1_000_000
const DEFAULT_STREAM_SECONDS = 300
const MAX_STREAM_SECONDS = 3600
const DEFAULT_STORE_GRACE_SECONDS = 30
const MAX_STORE_GRACE_SECONDS = 300
/** Users are checked each minute: less than two minutes would refuse them for one late answer. */
const MIN_REGISTRY_OUTAGE_SECONDS = 120
const DAY_SECONDS = 86_400

/** Off by default: a key is valid for up to a year, with no consent, client or session that could be revoked here. */
const apiKeys = z.enum(['off', 'read', 'full'], { message: 'must be off, read or full' })

const schema = z
  .object({
    ...sharedVariables,
    // authz answers with Quilt credentials in the clear, which must not cross a network.
    AUTHZ_LISTEN: privateListenAddress,
    CONNECT_PUBLIC_KEYS: publicKeys,
    METRICS_LISTEN: metricsListen,
    SESSION_CACHE_SIZE: wholeNumber('sessions', MIN_SESSION_CACHE_SIZE, MAX_SESSION_CACHE_SIZE).default(
      DEFAULT_SESSION_CACHE_SIZE,
    ),
    STREAM_MAX_SECONDS: seconds(1, MAX_STREAM_SECONDS).default(DEFAULT_STREAM_SECONDS),
    API_KEYS: apiKeys.default('off'),
    STORE_OUTAGE_GRACE_SECONDS: seconds(0, MAX_STORE_GRACE_SECONDS).default(DEFAULT_STORE_GRACE_SECONDS),
    REGISTRY_OUTAGE_MAX_SECONDS: seconds(MIN_REGISTRY_OUTAGE_SECONDS, 30 * DAY_SECONDS).default(DAY_SECONDS),
  })
  .superRefine(checkSharedVariables)

/** @throws ConfigurationError that lists every problem */
export function readConfig(environment: Environment): Config {
  const env = readEnvironment(schema, environment)
  return {
    ...sharedSettings(env),
    listen: env.AUTHZ_LISTEN,
    publicKeys: env.CONNECT_PUBLIC_KEYS,
    metricsListen: env.METRICS_LISTEN,
    sessionCacheSize: env.SESSION_CACHE_SIZE,
    maxStreamMs: env.STREAM_MAX_SECONDS * 1000,
    apiKeys: env.API_KEYS,
    storeGraceMs: env.STORE_OUTAGE_GRACE_SECONDS * 1000,
    registryOutageMs: env.REGISTRY_OUTAGE_MAX_SECONDS * 1000,
  }
}
