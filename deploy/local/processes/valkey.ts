import { answersRedis } from '../supervisor/answers-redis.ts'
import type { ProcessSpec } from './process-spec.ts'
import type { StackContext } from '../context/stack-context.ts'
import { socketPath } from '../context/addresses.ts'

const LOST_SESSIONS =
  'every session is lost, so clients have to sign in again ("npm start -- --keep" keeps sessions on disk)'

/** On a Unix socket for our own user only. When full it refuses writes: evicting a session would log a user out. */
export function valkey(context: StackContext): ProcessSpec {
  const socket = socketPath(context, 'valkey')
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: context.keptFolder ?? context.folder,
    save: '',
    appendonly: context.keptFolder === undefined ? 'no' : 'yes',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
    loglevel: 'warning',
  }
  return {
    name: 'valkey',
    command: context.binaries.valkey,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    environment: {},
    isHealthy: () => answersRedis(socket),
    ...(context.keptFolder === undefined ? { lostInCrash: LOST_SESSIONS } : {}),
  }
}
