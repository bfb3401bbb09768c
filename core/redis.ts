import { Redis } from 'ioredis'
import type { Log } from './log.ts'

/** A command that the store has not answered by then has failed: callers answer 503 instead of waiting. */
const COMMAND_TIMEOUT_MS = 1000
const CONNECT_TIMEOUT_MS = 2000
const LONGEST_RECONNECT_DELAY_MS = 1000

/**
 * Connects to Redis 7, Valkey 8 or later. Commands fail at once while there is no connection, and the
 * connection comes back by itself.
 *
 * @param url - `redis://`, `rediss://` or `unix:/path`
 */
export function connectRedis(url: string, log: Log): Redis {
  const options = {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RECONNECT_DELAY_MS),
  }
  const redis = url.startsWith('unix:')
    ? new Redis({ ...options, path: url.slice('unix:'.length) })
    : new Redis(url, options)
  // Without a listener an error event ends the process; each failed command is reported where it was sent.
  redis.on('error', (error: Error) => log.warn({ reason: error.message }, 'the store cannot be reached'))
  redis.on('ready', () => log.info('connected to the store'))
  return redis
}
