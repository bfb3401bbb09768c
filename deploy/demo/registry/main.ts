import process from 'node:process'
import { createLog } from '../../../core/log/log.ts'
import { runDemo } from '../demo-server.ts'
import { PEOPLE } from '../people.ts'
import { readConfig } from './config.ts'
import { createRegistry } from './server.ts'

await runDemo(() => {
  const { listen, logLevel, ...config } = readConfig(process.env)
  const log = createLog('demo-registry', logLevel)
  const now = (): number => Math.floor(Date.now() / 1000)
  return { listen, log, handler: createRegistry({ ...config, people: PEOPLE, log, now }) }
})
