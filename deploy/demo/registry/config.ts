import { z } from 'zod'
import { readEnvironment, type Environment } from '../../../core/config/environment.ts'
import { logLevel, seconds, secureUrl, type ListenAddress } from '../../../core/config/settings.ts'
import { loopbackAddress } from '../loopback.ts'

export interface Config {
  readonly listen: ListenAddress
  /** The issuer whose ID tokens are exchanged. */
  readonly identityProvider: string
  readonly client: { readonly id: string; readonly secret: string }
  readonly tokenSeconds: number
  readonly logLevel: string
}

const DAY_SECONDS = 24 * 60 * 60
/** As long as the documented Registry's tokens live (good-practice.md: `exp` is the login plus 90 days). */
const TOKEN_SECONDS = 90 * DAY_SECONDS
const MAXIMUM_TOKEN_SECONDS = 366 * DAY_SECONDS

/**
 * An issuer may have a path (Keycloak's `/realms/<name>`). It stays as written, since an ID token's `iss` is compared
 * byte for byte (OpenID Connect Core section 3.1.3.7); an issuer has no query (section 2).
 */
const issuer = z.string().superRefine((text, context) => {
  const { data: url, error } = secureUrl.safeParse(text)
  if (error !== undefined) {
    for (const { message } of error.issues) context.addIssue({ code: 'custom', message })
  } else if (url.search !== '') {
    context.addIssue({ code: 'custom', message: 'must be an issuer without a query' })
  }
})

const schema = z.object({
  DEMO_REGISTRY_LISTEN: loopbackAddress,
  DEMO_REGISTRY_IDENTITY_PROVIDER: issuer,
  DEMO_REGISTRY_CLIENT_ID: z.string(),
  DEMO_REGISTRY_CLIENT_SECRET: z.string(),
  DEMO_REGISTRY_TOKEN_SECONDS: seconds(1, MAXIMUM_TOKEN_SECONDS).default(TOKEN_SECONDS),
  LOG_LEVEL: logLevel.default('info'),
})

/** @throws ConfigurationError that lists every problem */
export function readConfig(environment: Environment): Config {
  const env = readEnvironment(schema, environment)
  return {
    listen: env.DEMO_REGISTRY_LISTEN,
    identityProvider: env.DEMO_REGISTRY_IDENTITY_PROVIDER,
    client: { id: env.DEMO_REGISTRY_CLIENT_ID, secret: env.DEMO_REGISTRY_CLIENT_SECRET },
    tokenSeconds: env.DEMO_REGISTRY_TOKEN_SECONDS,
    logLevel: env.LOG_LEVEL,
  }
}
