import process from 'node:process'
import { runDemo } from '../demo-server.ts'
import { identityProviderDemo } from './demo.ts'

await runDemo(() => identityProviderDemo(process.env))
