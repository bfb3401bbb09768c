import { parseArgs } from 'node:util'
import { secureUrl } from '../../core/config/settings.ts'
import { QUILT_MCP, type ServiceChoice } from './context/stack-context.ts'

export const USAGE =
  'Usage: npm start -- [--port 8080] [--registry https://registry.example.com] ' +
  '[--service https://mcp.example.com/mcp | --service quilt-mcp] [--source exchange|catalog] [--keep] [--verbose]'

export class UsageError extends Error {
  constructor(problem: string) {
    super(`${problem}. ${USAGE}`)
    this.name = 'UsageError'
  }
}

export interface Options {
  /** Of the Connect host; the demo servers get the four ports after it. */
  readonly port: number
  /** A real Registry; it replaces the demo Registry and identity provider. */
  readonly registryUrl?: URL
  readonly service?: ServiceChoice
  /** `catalog`: the demo catalog hands users over. */
  readonly source?: 'exchange' | 'catalog'
  /** Keeps keys, sessions and the demo Registry's tokens across restarts. */
  readonly keep: boolean
  /** Prints log lines instead of writing them to a file. */
  readonly verbose: boolean
}

const OPTIONS = {
  port: { type: 'string', default: '8080' },
  registry: { type: 'string' },
  service: { type: 'string' },
  source: { type: 'string' },
  keep: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
} as const

const MAX_FIRST_PORT = 65_531

export function asksForHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h')
}

/** @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const { port, registry, service, source, keep, verbose } = parse(args)
  return {
    port: readPort(port),
    ...(registry === undefined ? {} : { registryUrl: readUrl('--registry', registry) }),
    ...(service === undefined ? {} : { service: readService(service) }),
    ...(source === undefined ? {} : { source: readSource(source, registry) }),
    keep,
    verbose,
  }
}

function readSource(text: string, registry: string | undefined): 'exchange' | 'catalog' {
  if (registry !== undefined) throw new UsageError('--source needs the demo Registry; leave out --registry')
  if (text === 'exchange' || text === 'catalog') return text
  throw new UsageError('--source must be exchange or catalog')
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function readPort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > MAX_FIRST_PORT) {
    throw new UsageError(`--port must be a number from 1 to ${MAX_FIRST_PORT}`)
  }
  return Number(text)
}

function readService(text: string): ServiceChoice {
  return text === QUILT_MCP ? QUILT_MCP : readUrl('--service', text)
}

function readUrl(option: string, text: string): URL {
  const { data, error } = secureUrl.safeParse(text)
  if (data !== undefined) return data
  throw new UsageError(`${option} ${error.issues[0]?.message ?? 'must be a URL'}`)
}
