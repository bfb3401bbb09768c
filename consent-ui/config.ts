import { z } from 'zod'
import { readEnvironment, type Environment } from '../core/environment.ts'
import { keyList, keyRing, type KeyRing } from '../core/keys.ts'
import {
  listenAddress,
  logLevel,
  origin,
  redisUrl,
  seconds,
  secureUrl,
  type ListenAddress,
} from '../core/settings.ts'
import type { IdentityProviderSettings } from './identity-provider.ts'
import { parseAllowedHosts, type AllowedHosts } from './oauth/allowed-hosts.ts'
import type { RegistrySettings } from './quilt/registry.ts'

export interface Config {
  readonly origin: string
  readonly listen: ListenAddress
  readonly redisUrl: string
  readonly logLevel: string
  readonly sealingKeys: KeyRing
  readonly signingKeys: KeyRing
  readonly allowedHosts: AllowedHosts
  readonly identityProvider: IdentityProviderSettings
  readonly registry: RegistrySettings
  readonly accessTokenSeconds: number
}

const HOUR_SECONDS = 3600

const schema = z.object({
  CONNECT_ORIGIN: origin,
  CONSENT_UI_LISTEN: listenAddress,
  REDIS_URL: redisUrl,
  LOG_LEVEL: logLevel.default('info'),
  CONNECT_SEALING_KEYS: keyList('sealing'),
  CONNECT_SIGNING_KEYS: keyList('signing'),
  CONNECT_ALLOWED_HOSTS: z.string().transform(parseAllowedHosts),
  OIDC_ISSUER: secureUrl,
  OIDC_CLIENT_ID: z.string(),
  OIDC_CLIENT_SECRET: z.string(),
  QUILT_CREDENTIAL_SOURCE: z.literal('exchange', { message: 'must be exchange' }),
  QUILT_REGISTRY_URL: secureUrl,
  QUILT_TOKEN_EXCHANGE_URL: secureUrl,
  QUILT_TOKEN_EXCHANGE_CLIENT_ID: z.string(),
  QUILT_TOKEN_EXCHANGE_CLIENT_SECRET: z.string(),
  // Clients refresh tokens that have less than 5 minutes to live before every request.
  ACCESS_TOKEN_SECONDS: seconds(1, HOUR_SECONDS).default(HOUR_SECONDS),
})

/** @throws ConfigurationError that lists every problem */
export function readConfig(environment: Environment): Config {
  const env = readEnvironment(schema, environment)
  return {
    origin: env.CONNECT_ORIGIN,
    listen: env.CONSENT_UI_LISTEN,
    redisUrl: env.REDIS_URL,
    logLevel: env.LOG_LEVEL,
    sealingKeys: keyRing(env.CONNECT_ORIGIN, env.CONNECT_SEALING_KEYS),
    signingKeys: keyRing(env.CONNECT_ORIGIN, env.CONNECT_SIGNING_KEYS),
    allowedHosts: env.CONNECT_ALLOWED_HOSTS,
    identityProvider: {
      issuer: env.OIDC_ISSUER,
      clientId: env.OIDC_CLIENT_ID,
      clientSecret: env.OIDC_CLIENT_SECRET,
      redirectUri: `${env.CONNECT_ORIGIN}/connect/callback`,
    },
    registry: {
      url: env.QUILT_REGISTRY_URL,
      tokenExchangeUrl: env.QUILT_TOKEN_EXCHANGE_URL,
      clientId: env.QUILT_TOKEN_EXCHANGE_CLIENT_ID,
      clientSecret: env.QUILT_TOKEN_EXCHANGE_CLIENT_SECRET,
    },
    accessTokenSeconds: env.ACCESS_TOKEN_SECONDS,
  }
}
