import { z } from 'zod'
import { readEnvironment, type Environment } from '../../../core/config/environment.ts'
import { logLevel, secureUrl, type ListenAddress } from '../../../core/config/settings.ts'
import { loopbackAddress } from '../loopback.ts'

export interface Config {
  readonly listen: ListenAddress
  readonly registryUrl: URL
  readonly logLevel: string
}

const schema = z.object({
  DEMO_FILES_LISTEN: loopbackAddress,
  DEMO_FILES_REGISTRY_URL: secureUrl,
  LOG_LEVEL: logLevel.default('info'),
})

/** @throws ConfigurationError that lists every problem */
export function readConfig(environment: Environment): Config {
  const env = readEnvironment(schema, environment)
  return { listen: env.DEMO_FILES_LISTEN, registryUrl: env.DEMO_FILES_REGISTRY_URL, logLevel: env.LOG_LEVEL }
}
