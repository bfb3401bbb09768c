import { join } from 'node:path'
import process from 'node:process'
import type { Environment } from '../../../core/config/environment.ts'
import type { ProcessSpec, ProcessName } from './process-spec.ts'

const ROOT = join(import.meta.dirname, '../../..')

export function nodeProcess(
  name: ProcessName,
  run: {
    main: string
    nodeArguments?: readonly string[]
    environment: Environment
    isHealthy: ProcessSpec['isHealthy']
  },
): ProcessSpec {
  const { main, nodeArguments = [], ...rest } = run
  return { name, command: process.execPath, args: [...nodeArguments, join(ROOT, main)], ...rest }
}
