import process from 'node:process'
import { createLog } from '../../../core/log/log.ts'
import { runDemo } from '../demo-server.ts'
import { readConfig } from './config.ts'
import { createFiles } from './server.ts'

await runDemo(() => {
  const { listen, registryUrl, logLevel } = readConfig(process.env)
  const log = createLog('demo-files', logLevel)
  return { listen, log, handler: createFiles({ registryUrl, log }) }
})
