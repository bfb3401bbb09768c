import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import process from 'node:process'
import type { Environment } from '../../core/config/environment.ts'
import { PEOPLE } from '../demo/people.ts'
import { banner } from './banner.ts'
import { asksForHelp, readOptions, USAGE, UsageError } from './command-line.ts'
import { portsFrom, PortTaken, requireFree } from './context/ports.ts'
import { QUILT_MCP } from './context/stack-context.ts'
import { outputTo, VERBOSE_OUTPUT } from './output.ts'
import { fetchQuiltMcp } from './quilt-mcp/fetch-quilt-mcp.ts'
import { startStack, type Stack } from './stack.ts'
import { ProcessFailed } from './supervisor/supervised-process.ts'
import { ENVOY, VALKEY } from './tools/binaries.ts'
import { fetchBinaries } from './tools/fetch-binaries.ts'
import { MissingTool } from './tools/missing-tool.ts'

/** Git ignores it. */
const LOCAL_FOLDER = join(import.meta.dirname, '../../.local')
/** For the owner only. */
const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

/** `npm start`: runs the whole stack on this machine until Ctrl-C. */
async function run(): Promise<void> {
  const args = process.argv.slice(2)
  if (asksForHelp(args)) {
    console.log(USAGE)
    return
  }
  const { port, keep, verbose, ...choices } = readOptions(args)
  await fetchBinaries([ENVOY, VALKEY])
  if (choices.service === QUILT_MCP) await fetchQuiltMcp()
  console.log('Starting …')
  const named = join(LOCAL_FOLDER, `npm-start-${port}`)
  const logFile = verbose ? undefined : relative(process.cwd(), `${named}.log`)
  const auditFile = `${named}.audit.log`
  const ports = portsFrom(port)
  // First: these files may be those of a stack that is running on these ports.
  await requireFree(ports)
  // Without --keep, the keys of its lines are gone.
  if (!keep) await rm(auditFile, { force: true })
  await mkdir(LOCAL_FOLDER, { recursive: true, mode: FOLDER_MODE })
  const starting = startStack({
    ...choices,
    ...(keep ? { keptFolder: `${named}.keep` } : {}),
    ports,
    auditFile,
    ...(logFile === undefined ? VERBOSE_OUTPUT : outputTo(logFile)),
  })
  stopOnSignals(starting)
  const stack = await starting
  await writeFile(`${named}.environment.json`, JSON.stringify(environmentOf(stack)), { mode: FILE_MODE })
  const { mcpUrl } = stack
  const users = choices.registryUrl ?? PEOPLE
  const shown = { logFile, auditFile: relative(process.cwd(), auditFile) }
  console.log(banner({ mcpUrl, users, port, ...shown, keepsConnections: keep }))
  void stack.failed.then(async ({ message }) => {
    console.error(`${message}\nStopping …`)
    await stack.stop()
    process.exit(1)
  })
}

/** What `npm run connect -- COMMAND --local` needs, keys included. */
function environmentOf(stack: Stack): Environment {
  const names = ['envoy', 'authz', 'consent-ui'] as const
  const environments = names.map((name) => stack.process(name).spec.environment)
  return Object.assign({ ENVOY_BIN: stack.context.binaries.envoy }, ...environments) as Environment
}

/** Stops in order at the first signal. At the second it exits, and the orphan guard ends the processes. */
function stopOnSignals(starting: Promise<Stack>): void {
  let asked = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1)
      asked = true
      console.log('\nStopping …')
      void starting.then((stack) => stack.stop()).then(() => process.exit(0))
    })
  }
}

const EXPECTED = [UsageError, MissingTool, PortTaken, ProcessFailed]

try {
  await run()
} catch (error) {
  if (!EXPECTED.some((kind) => error instanceof kind)) throw error
  console.error((error as Error).message)
  process.exit(1)
}
