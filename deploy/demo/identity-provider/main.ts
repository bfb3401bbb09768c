import process from 'node:process'
import { createLog } from '../../../core/log/log.ts'
import { runDemo } from '../demo-server.ts'
import { PEOPLE } from '../people.ts'
import { readConfig } from './config.ts'
import { createIdentityProvider } from './provider.ts'

await runDemo(async () => {
  const { listen, logLevel, issuer, client } = readConfig(process.env)
  const log = createLog('demo-identity-provider', logLevel)
  return { listen, log, handler: await createIdentityProvider({ issuer, client, people: PEOPLE, log }) }
})
