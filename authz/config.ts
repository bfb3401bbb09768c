import type { JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { readEnvironment, type Environment } from '../core/config/environment.ts'
import type { Access } from '../core/sessions/session.ts'
import {
  isPrivateAddress,
  listenAddress,
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
  /** How many sessions are kept in memory; see memory-limits.ts for what they take. */
  readonly sessionCacheSize: number
  /** How long a stream may last that its client resumes. */
  readonly maxStreamMs: number
  /** What requests with a Quilt API key may do; `off` where they are refused. */
  readonly apiKeys: Access | 'off'
  /** For so long after the last beat, sessions in memory pass where the store cannot be read. */
  readonly storeGraceMs: number
  /** For so long after its last good answer, a Registry that gives none changes nothing. */
  readonly registryOutageMs: number
}

const DEFAULT_SESSION_CACHE_SIZE = 100_000
const LEAST_SESSION_CACHE_SIZE = 1000
const LARGEST_SESSION_CACHE_SIZE = 1_000_000
const DEFAULT_STREAM_SECONDS = 300
const LONGEST_STREAM_SECONDS = 3600
const DEFAULT_STORE_GRACE_SECONDS = 30
const LONGEST_STORE_GRACE_SECONDS = 300
/** Each minute somebody is asked about: less than two would end sessions over an answer that came late. */
const LEAST_REGISTRY_OUTAGE_SECONDS = 120
const DAY_SECONDS = 86_400

/** Answers carry Quilt credentials in the clear: they must not cross a network. */
const privateAddress = listenAddress.refine(isPrivateAddress, {
  message: 'must be a Unix socket, or a TCP address of this machine alone such as 127.0.0.1:9000',
})

/**
 * Off unless the operator wants them: an API key stands for its person wherever it is shown, for up to a year,
 * without a consent page, a client that could be blocked or a session that could be revoked here. Only the Registry
 * ends one, and that is noticed within a minute.
 */
const apiKeys = z.enum(['off', 'read', 'full'], { message: 'must be off, read or full' })

const schema = z
  .object({
    ...sharedVariables,
    AUTHZ_LISTEN: privateAddress,
    CONNECT_PUBLIC_KEYS: publicKeys,
    SESSION_CACHE_SIZE: wholeNumber('sessions', LEAST_SESSION_CACHE_SIZE, LARGEST_SESSION_CACHE_SIZE).default(
      DEFAULT_SESSION_CACHE_SIZE,
    ),
    STREAM_MAX_SECONDS: seconds(1, LONGEST_STREAM_SECONDS).default(DEFAULT_STREAM_SECONDS),
    API_KEYS: apiKeys.default('off'),
    STORE_OUTAGE_GRACE_SECONDS: seconds(0, LONGEST_STORE_GRACE_SECONDS).default(DEFAULT_STORE_GRACE_SECONDS),
    REGISTRY_OUTAGE_MAX_SECONDS: seconds(LEAST_REGISTRY_OUTAGE_SECONDS, 30 * DAY_SECONDS).default(
      DAY_SECONDS,
    ),
  })
  .superRefine(checkSharedVariables)

/** @throws ConfigurationError that lists every problem */
export function readConfig(environment: Environment): Config {
  const env = readEnvironment(schema, environment)
  return {
    ...sharedSettings(env),
    listen: env.AUTHZ_LISTEN,
    publicKeys: env.CONNECT_PUBLIC_KEYS,
    sessionCacheSize: env.SESSION_CACHE_SIZE,
    maxStreamMs: env.STREAM_MAX_SECONDS * 1000,
    apiKeys: env.API_KEYS,
    storeGraceMs: env.STORE_OUTAGE_GRACE_SECONDS * 1000,
    registryOutageMs: env.REGISTRY_OUTAGE_MAX_SECONDS * 1000,
  }
}
