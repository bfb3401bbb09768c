import { join } from 'node:path'
import { answersRedis } from '../../deploy/local/supervisor/answers-redis.ts'
import { launch, type Running, type BenchContext } from './launch.ts'

export interface RunningStore extends Running {
  readonly url: string
}

export async function startStore(
  { name, valkey }: { readonly name: string; readonly valkey: string },
  context: BenchContext,
): Promise<RunningStore> {
  const { folder } = context
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
    context,
  )
  return { ...running, url: `unix:${socket}` }
}
