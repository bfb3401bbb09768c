import { filesDemo } from '../../../../deploy/demo/files/demo.ts'
import { startDemo } from '../../../../deploy/demo/demo-server.ts'
import { identityProviderDemo } from '../../../../deploy/demo/identity-provider/demo.ts'
import { registryDemo } from '../../../../deploy/demo/registry/demo.ts'
import type { StackContext } from '../../../../deploy/local/context/stack-context.ts'
import { files, identityProvider, registry } from '../../../../deploy/local/processes/demo.ts'
import type { StackOptions } from '../../../../deploy/local/stack.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'

const SERVERS = [
  [identityProvider, identityProviderDemo],
  [registry, registryDemo],
  [files, filesDemo],
] as const

/** Starts the demo's servers in this process: as processes of their own they take a second to start. */
export async function startDemoServers(
  context: StackContext,
  { changes = {}, write }: Pick<StackOptions, 'changes' | 'write'>,
): Promise<void> {
  for (const [specOf, build] of SERVERS) {
    const { name, environment } = specOf(context)
    const logTo = { write: (text: string) => write(name, text.trimEnd()) }
    const server = await startDemo(await build({ ...environment, ...changes[name] }, logTo))
    closeAfterAll(() => {
      server.close()
      server.closeAllConnections()
    })
  }
}
