import { parseArgs } from 'node:util'
import { secureUrl } from '../../core/config/settings.ts'
import { QUILT_MCP, type ServiceChoice } from './context/stack-context.ts'

const USAGE =
  'npm start -- [--port 8080] [--registry https://registry.example.com] ' +
  '[--service https://mcp.example.com/mcp | --service quilt-mcp] [--keep]'

/** The command line is wrong; the message is one line that says what it may hold. */
export class UsageError extends Error {
  constructor(problem: string) {
    super(`${problem}. Usage: ${USAGE}`)
    this.name = 'UsageError'
  }
}

export interface Options {
  /** Of the Connect host; the demo's own servers take the four that follow. */
  readonly port: number
  /** A real Registry, in place of the demo's and its identity provider. */
  readonly registryUrl?: URL
  /** A real MCP server, in place of the demo's. */
  readonly service?: ServiceChoice
  /** Keys, sessions and the demo Registry's tokens outlive a restart. */
  readonly keep: boolean
}

const OPTIONS = {
  port: { type: 'string', default: '8080' },
  registry: { type: 'string' },
  service: { type: 'string' },
  keep: { type: 'boolean', default: false },
} as const

const HIGHEST_FIRST_PORT = 65_531

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const { port, registry, service, keep } = parse(args)
  return {
    port: readPort(port),
    ...(registry === undefined ? {} : { registryUrl: readUrl('--registry', registry) }),
    ...(service === undefined ? {} : { service: readService(service) }),
    keep,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function readPort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > HIGHEST_FIRST_PORT) {
    throw new UsageError(`--port must be a number from 1 to ${HIGHEST_FIRST_PORT}`)
  }
  return Number(text)
}

function readService(text: string): ServiceChoice {
  return text === QUILT_MCP ? QUILT_MCP : readUrl('--service', text)
}

function readUrl(option: string, text: string): URL {
  const { data, error } = secureUrl.safeParse(text)
  if (data !== undefined) return data
  throw new UsageError(`${option} ${error.issues[0]?.message ?? 'is no URL'}`)
}
