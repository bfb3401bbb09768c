import process from 'node:process'
import { runDemo } from '../demo-server.ts'
import { registryDemo } from './demo.ts'

await runDemo(() => registryDemo(process.env))
