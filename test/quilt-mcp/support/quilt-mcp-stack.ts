import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { QUILT_MCP } from '../../../deploy/local/context/stack-context.ts'
import { freeStackPorts } from '../../../deploy/local/context/ports.ts'
import { fetchQuiltMcp } from '../../../deploy/local/quilt-mcp/fetch-quilt-mcp.ts'
import { startStack, type Stack } from '../../../deploy/local/stack.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'

/** The stack of `npm start -- --service quilt-mcp`, on free ports. */
export interface QuiltMcpStack extends Stack {
  /** Log lines, each after the name of its process. */
  readonly lines: readonly string[]
}

/** Starts it with credentials in the home folder, which no client may use. */
export async function quiltMcpStack(): Promise<QuiltMcpStack> {
  await fetchQuiltMcp()
  const { HOME } = process.env
  process.env.HOME = await homeWithCredentials()
  const lines: string[] = []
  const stack = await startStack({
    ports: await freeStackPorts(),
    service: QUILT_MCP,
    write: (from, line) => void lines.push(`${from} ${line}`),
  })
  Object.assign(process.env, { HOME })
  closeAfterAll(() => stack.stop())
  return { ...stack, lines }
}

async function homeWithCredentials(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'connect-home-'))
  closeAfterAll(() => rm(home, { recursive: true, force: true }))
  // Python's requests would prefer these to the credential of the request.
  await writeFile(join(home, '.netrc'), 'machine localhost login owner password of-this-machine\n')
  return home
}
