import { join } from 'node:path'
import { answersRedis } from '../../deploy/local/supervisor/health.ts'
import { launch, type Running, type Surroundings } from './launch.ts'

export interface RunningStore extends Running {
  readonly url: string
}

export async function startStore(
  { name, valkey }: { readonly name: string; readonly valkey: string },
  surroundings: Surroundings,
): Promise<RunningStore> {
  const { folder } = surroundings
  const socket = join(folder, `${name}.valkey.sock`)
  const settings = {
    port: '0',
    unixsocket: socket,
    dir: folder,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
  }
  const running = await launch(
    {
      name: `valkey-${name}`,
      command: valkey,
      args: Object.entries(settings).flatMap(([setting, value]) => [`--${setting}`, value]),
      isReady: () => answersRedis(socket),
    },
    surroundings,
  )
  return { ...running, url: `unix:${socket}` }
}
