import { z } from 'zod'
import { readEnvironment, type Environment } from '../../../core/config/environment.ts'
import { isLoopback, logLevel, origin, secureUrl, type ListenAddress } from '../../../core/config/settings.ts'
import { loopbackAddress } from '../loopback.ts'
import type { RelyingParty } from './provider-settings.ts'

export interface Config {
  readonly listen: ListenAddress
  /** The bare origin that the browser sees. */
  readonly issuer: string
  readonly client: RelyingParty
  readonly logLevel: string
}

const schema = z.object({
  DEMO_IDP_LISTEN: loopbackAddress,
  // Demo passwords are public, so no other machine may trust these ID tokens.
  DEMO_IDP_ISSUER: origin.refine((issuer) => isLoopback(new URL(issuer).hostname), {
    message: 'must be on this machine, such as http://localhost:4001',
  }),
  DEMO_IDP_CLIENT_ID: z.string(),
  DEMO_IDP_CLIENT_SECRET: z.string(),
  DEMO_IDP_REDIRECT_URIS: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(secureUrl)),
  LOG_LEVEL: logLevel.default('info'),
})

/** @throws ConfigurationError that lists every problem */
export function readConfig(environment: Environment): Config {
  const env = readEnvironment(schema, environment)
  return {
    listen: env.DEMO_IDP_LISTEN,
    issuer: env.DEMO_IDP_ISSUER,
    client: {
      id: env.DEMO_IDP_CLIENT_ID,
      secret: env.DEMO_IDP_CLIENT_SECRET,
      redirectUris: env.DEMO_IDP_REDIRECT_URIS.map(({ href }) => href),
    },
    logLevel: env.LOG_LEVEL,
  }
}
