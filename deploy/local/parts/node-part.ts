import { join } from 'node:path'
import process from 'node:process'
import type { Environment } from '../../../core/config/environment.ts'
import type { Part, PartName } from '../part.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** A process of our own code, on the Node that runs us. */
export function nodePart(
  name: PartName,
  run: { main: string; environment: Environment; isHealthy: Part['isHealthy'] },
): Part {
  const { main, ...rest } = run
  return { name, command: process.execPath, args: [join(ROOT, main)], ...rest }
}
