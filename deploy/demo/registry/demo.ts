import type { DestinationStream } from 'pino'
import type { Environment } from '../../../core/config/environment.ts'
import { createLog } from '../../../core/log/log.ts'
import type { Demo } from '../demo-server.ts'
import { PEOPLE } from '../people.ts'
import { readConfig } from './config.ts'
import { createRegistry } from './server.ts'

/** The demo Registry. @throws ConfigurationError */
export function registryDemo(environment: Environment, logTo?: DestinationStream): Demo {
  const { listen, logLevel, ...config } = readConfig(environment)
  const log = createLog('demo-registry', logLevel, logTo)
  const now = (): number => Math.floor(Date.now() / 1000)
  return { listen, log, handler: createRegistry({ ...config, people: PEOPLE, log, now }) }
}
