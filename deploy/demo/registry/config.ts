import { z } from 'zod'
import { readEnvironment, type Environment } from '../../../core/config/environment.ts'
import { logLevel, origin, seconds, secureUrl, type ListenAddress } from '../../../core/config/settings.ts'
import { loopbackAddress } from '../loopback.ts'

export interface Config {
  readonly listen: ListenAddress
  readonly identityProvider: string
  readonly client: { readonly id: string; readonly secret: string }
  readonly assertionAudience: string | undefined
  readonly connectOrigin: string | undefined
  readonly tokenSeconds: number
  readonly logLevel: string
}

const DAY_SECONDS = 24 * 60 * 60
/** The documented Registry sets `exp` 90 days after the login. */
const TOKEN_SECONDS = 90 * DAY_SECONDS
const MAX_TOKEN_SECONDS = 366 * DAY_SECONDS

/**
 * May have a path (Keycloak's `/realms/<name>`), but no query (OpenID Connect Core section 2). Stays as written, since
 * `iss` is compared byte for byte (section 3.1.3.7).
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
  DEMO_REGISTRY_ASSERTION_AUDIENCE: secureUrl.transform(({ href }) => href.replace(/\/$/, '')).optional(),
  DEMO_REGISTRY_CONNECT_ORIGIN: origin.optional(),
  DEMO_REGISTRY_TOKEN_SECONDS: seconds(1, MAX_TOKEN_SECONDS).default(TOKEN_SECONDS),
  LOG_LEVEL: logLevel.default('info'),
})

/** @throws ConfigurationError that lists every problem */
export function readConfig(environment: Environment): Config {
  const env = readEnvironment(schema, environment)
  return {
    listen: env.DEMO_REGISTRY_LISTEN,
    identityProvider: env.DEMO_REGISTRY_IDENTITY_PROVIDER,
    client: { id: env.DEMO_REGISTRY_CLIENT_ID, secret: env.DEMO_REGISTRY_CLIENT_SECRET },
    assertionAudience: env.DEMO_REGISTRY_ASSERTION_AUDIENCE,
    connectOrigin: env.DEMO_REGISTRY_CONNECT_ORIGIN,
    tokenSeconds: env.DEMO_REGISTRY_TOKEN_SECONDS,
    logLevel: env.LOG_LEVEL,
  }
}
