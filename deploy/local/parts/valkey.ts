import { answersRedis } from '../health.ts'
import type { Part } from '../part.ts'
import type { Facts } from '../facts.ts'
import { socketPath } from './addresses.ts'

const LOST_SESSIONS =
  'every session is lost, and every client has to sign in again ("npm start -- --keep" keeps sessions on disk)'

/**
 * The store: on a Unix socket for our own user alone, refusing writes rather than forgetting sessions. It is in
 * memory, or on disk with every command where sessions shall outlive a restart.
 */
export function valkey(facts: Facts): Part {
  const socket = socketPath(facts, 'valkey')
  const settings = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: facts.keptFolder ?? facts.folder,
    save: '',
    appendonly: facts.keptFolder === undefined ? 'no' : 'yes',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
    loglevel: 'warning',
  }
  return {
    name: 'valkey',
    command: facts.binaries.valkey,
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    environment: {},
    isHealthy: () => answersRedis(socket),
    ...(facts.keptFolder === undefined ? { lostInCrash: LOST_SESSIONS } : {}),
  }
}
