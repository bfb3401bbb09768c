import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import type { Identity } from './identity.ts'
import { launch, type Running, type BenchContext } from './launch.ts'

const MAIN = join(import.meta.dirname, '../reference/main.ts')

export async function startReference(
  {
    name,
    nodeArguments = [],
    identity,
    credentials,
  }: {
    readonly name: string
    readonly nodeArguments?: readonly string[]
    readonly identity: Identity
    readonly credentials: Readonly<Record<string, string>>
  },
  context: BenchContext,
): Promise<Running> {
  const socket = join(context.folder, `${name}.sock`)
  const file = join(context.folder, `${name}.json`)
  const { keys } = JSON.parse(identity.secrets.publicKeys) as { keys: unknown }
  writeFileSync(file, JSON.stringify({ socket, audience: identity.audience, keys, credentials }), {
    mode: 0o600,
  })
  return await launch(
    {
      name,
      command: process.execPath,
      args: [...nodeArguments, MAIN, file],
      isReady: () => isListening(socket),
    },
    context,
  )
}

async function isListening(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } finally {
    socket.destroy()
  }
}
