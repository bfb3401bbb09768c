import { join } from 'node:path'
import process from 'node:process'
import { banner } from './banner.ts'
import { readOptions, UsageError } from './command-line.ts'
import { PEOPLE } from '../demo/people.ts'
import { QUILT_MCP } from './context/stack-context.ts'
import { writeLine } from './output.ts'
import { portsFrom, PortTaken } from './context/ports.ts'
import { fetchQuiltMcp } from './quilt-mcp/fetch-quilt-mcp.ts'
import { startStack, type Stack } from './stack.ts'
import { ProcessFailed } from './supervisor/supervised-process.ts'
import { ENVOY, VALKEY } from './tools/binaries.ts'
import { fetchBinaries } from './tools/fetch-binaries.ts'
import { MissingTool } from './tools/missing-tool.ts'

/** Ignored by git. */
const KEPT_FOLDER = join(import.meta.dirname, '../../.local/keep')

/** `npm start`: the whole stack on this machine, until Ctrl-C. */
async function run(): Promise<void> {
  const { port, keep, ...choices } = readOptions(process.argv.slice(2))
  await fetchBinaries([ENVOY, VALKEY])
  if (choices.service === QUILT_MCP) await fetchQuiltMcp()
  console.log('Starting …')
  const starting = startStack({
    ...choices,
    ...(keep ? { keptFolder: KEPT_FOLDER } : {}),
    ports: portsFrom(port),
    write: writeLine,
  })
  stopWhenAsked(starting)
  const stack = await starting
  console.log(banner(stack.mcpUrl, choices.registryUrl ?? PEOPLE))
  void stack.failed.then(async ({ message }) => {
    await stack.stop()
    console.error(message)
    process.exit(1)
  })
}

/** In order at the first signal; at once at the second, when the orphan guard ends what is left. */
function stopWhenAsked(starting: Promise<Stack>): void {
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
