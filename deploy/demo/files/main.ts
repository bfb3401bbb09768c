import process from 'node:process'
import { runDemo } from '../demo-server.ts'
import { filesDemo } from './demo.ts'

await runDemo(() => filesDemo(process.env))
