import type { DestinationStream } from 'pino'
import type { Environment } from '../../../core/config/environment.ts'
import { createLog } from '../../../core/log/log.ts'
import type { Demo } from '../demo-server.ts'
import { readConfig } from './config.ts'
import { createFiles } from './server.ts'

/** The sample files. @throws ConfigurationError */
export function filesDemo(environment: Environment, logTo?: DestinationStream): Demo {
  const { listen, registryUrl, logLevel } = readConfig(environment)
  const log = createLog('demo-files', logLevel, logTo)
  return { listen, log, handler: createFiles({ registryUrl, log }) }
}
