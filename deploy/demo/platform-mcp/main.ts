import process from 'node:process'
import { createLog } from '../../../core/log/log.ts'
import { runDemo } from '../demo-server.ts'
import { readConfig } from './config.ts'
import { createPlatformMcp } from './server.ts'

await runDemo(() => {
  const { listen, registryUrl, logLevel } = readConfig(process.env)
  const log = createLog('demo-platform-mcp', logLevel)
  return { listen, log, handler: createPlatformMcp({ registryUrl, log }) }
})
