import { z } from 'zod'
import { refuseDemoKeys } from '../core/demo-keys.ts'
import { ConfigurationError, readEnvironment, type Environment } from '../core/environment.ts'
import { keyList, keyRing, type KeyRing } from '../core/keys.ts'
import { listenAddress, logLevel, origin, seconds, secureUrl, type ListenAddress } from '../core/settings.ts'
import {
  checkStoreVariables,
  storeSettings,
  storeVariables,
  type StoreSettings,
} from '../core/store-settings.ts'
import { readCredentialSettings, type CredentialSettings } from './credential-settings.ts'
import { parseAllowedHosts, type AllowedHosts } from './oauth/allowed-hosts.ts'
import { readSessionLifetimes, type SessionLifetimes } from './session-lifetimes.ts'

export interface Config {
  readonly origin: string
  readonly listen: ListenAddress
  readonly store: StoreSettings
  readonly logLevel: string
  readonly sealingKeys: KeyRing
  readonly signingKeys: KeyRing
  readonly allowedHosts: AllowedHosts
  readonly registryUrl: URL
  readonly credential: CredentialSettings
  readonly lifetimes: SessionLifetimes
  readonly accessTokenSeconds: number
}

const HOUR_SECONDS = 3600

const schema = z
  .object({
    CONNECT_ORIGIN: origin,
    CONSENT_UI_LISTEN: listenAddress,
    ...storeVariables,
    LOG_LEVEL: logLevel.default('info'),
    CONNECT_SEALING_KEYS: keyList('sealing'),
    CONNECT_SIGNING_KEYS: keyList('signing'),
    // Empty as documented for ConnectAllowedHosts: Connect is off.
    CONNECT_ALLOWED_HOSTS: z.string().default('').transform(parseAllowedHosts),
    QUILT_REGISTRY_URL: secureUrl,
    // Clients refresh tokens that have less than 5 minutes to live before every request.
    ACCESS_TOKEN_SECONDS: seconds(1, HOUR_SECONDS).default(HOUR_SECONDS),
  })
  .superRefine(checkStoreVariables)
  .superRefine(refuseDemoKeys)

/** @throws ConfigurationError that lists every problem */
export function readConfig(environment: Environment): Config {
  const { env, credential, lifetimes } = readAll({
    env: () => readEnvironment(schema, environment),
    credential: () => readCredentialSettings(environment),
    lifetimes: () => readSessionLifetimes(environment),
  })
  return {
    origin: env.CONNECT_ORIGIN,
    listen: env.CONSENT_UI_LISTEN,
    store: storeSettings(env),
    logLevel: env.LOG_LEVEL,
    sealingKeys: keyRing(env.CONNECT_ORIGIN, env.CONNECT_SEALING_KEYS),
    signingKeys: keyRing(env.CONNECT_ORIGIN, env.CONNECT_SIGNING_KEYS),
    allowedHosts: env.CONNECT_ALLOWED_HOSTS,
    registryUrl: env.QUILT_REGISTRY_URL,
    credential,
    lifetimes,
    accessTokenSeconds: env.ACCESS_TOKEN_SECONDS,
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
