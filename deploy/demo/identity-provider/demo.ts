import type { DestinationStream } from 'pino'
import type { Environment } from '../../../core/config/environment.ts'
import { createLog } from '../../../core/log/log.ts'
import type { Demo } from '../demo-server.ts'
import { PEOPLE } from '../people.ts'
import { readConfig } from './config.ts'
import { createIdentityProvider } from './provider.ts'

/** The demo identity provider. @throws ConfigurationError */
export async function identityProviderDemo(
  environment: Environment,
  logTo?: DestinationStream,
): Promise<Demo> {
  const { listen, logLevel, issuer, client } = readConfig(environment)
  const log = createLog('demo-identity-provider', logLevel, logTo)
  return { listen, log, handler: await createIdentityProvider({ issuer, client, people: PEOPLE, log }) }
}
