import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../../core/config/environment.ts'
import { UsageError } from './command.ts'

const LOCAL_FOLDER = join(import.meta.dirname, '../../.local')
const DEFAULT_PORT = '8080'
const OPTION = /^--local(?:=(\d{1,5}))?$/

/** Reads `--local[=PORT]`: the command then uses the settings of the stack that `npm start` began there. */
export async function withLocal(
  args: readonly string[],
  environment: Environment,
): Promise<{ readonly args: readonly string[]; readonly environment: Environment }> {
  const [option] = args.filter((arg) => OPTION.test(arg))
  if (option === undefined) return { args, environment }
  const port = OPTION.exec(option)?.[1] ?? DEFAULT_PORT
  const local = await readLocal(port)
  return { args: args.filter((arg) => arg !== option), environment: { ...environment, ...local } }
}

/** @throws UsageError */
async function readLocal(port: string): Promise<Environment> {
  const file = join(LOCAL_FOLDER, `npm-start-${port}.environment.json`)
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Environment
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new UsageError(
      `--local: no stack was started on port ${port} from this folder; run npm start, or write --local=PORT`,
    )
  }
}
