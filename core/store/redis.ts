import { Cluster, Redis } from 'ioredis'
import type { Log } from '../log/log.ts'
import type { StoreSettings } from './store-settings.ts'

/** The store: one server, or a cluster that sends each command to the master of its key. */
export type Store = Redis | Cluster

/** A command that the store has not answered by then has failed: callers answer 503 instead of waiting. */
const COMMAND_TIMEOUT_MS = 1000
const CONNECT_TIMEOUT_MS = 2000
/** Nothing came back for so long, with commands waiting: whoever was there may be gone without a word. */
const DEAD_AFTER_MS = 3000
const MAX_RECONNECT_DELAY_MS = 1000
/** A command follows so many redirections, 100 ms apart where a node has failed, before it has failed too. */
const MAX_REDIRECTIONS = 8

const CONNECTION = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  socketTimeout: DEAD_AFTER_MS,
  maxRetriesPerRequest: 0,
  // The server was the master once: its name leads to another one now.
  reconnectOnError: ({ message }: Error) => message.includes('READONLY'),
}

/** True for a command that the store refused because its memory is full (`maxmemory` with `noeviction`). */
export function isStoreFull(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('OOM ')
}

/**
 * Connects to Redis 7, Valkey 8 or later. Commands fail at once while there is no connection, and the
 * connection comes back by itself.
 */
export function connectStore(settings: StoreSettings, log: Log): Store {
  return settings.mode === 'single' ? connectRedis(settings.urls[0], log) : connectCluster(settings, log)
}

/**
 * A connection to subscribe on: always a plain one to one node, in a cluster too, where any node hears what is
 * published at any other. ioredis' own subscriber of a cluster moves to another node without a word, and what
 * was published meanwhile is lost unnoticed. Each new connection is tried at the next of the nodes named.
 */
export function connectSubscriber({ urls }: StoreSettings, log: Log): Redis {
  const nodes = urls.map(addressOf)
  let turn = 0
  const redis: Redis = new Redis({
    ...CONNECTION,
    ...nodes[0],
    // Who listens subscribes anew, and so knows from when on nothing is missed.
    autoResubscribe: false,
    enableOfflineQueue: false,
    // There is nothing to be said that closing at once could lose.
    disconnectTimeout: 0,
    retryStrategy: (attempt) => {
      turn += 1
      Object.assign(redis.options, nodes[turn % nodes.length])
      return reconnectDelayMs(attempt)
    },
  })
  return watched(redis, log)
}

/** A connection to the one server at `redis://`, `rediss://` or `unix:/path`. */
export function connectRedis(url: string, log: Log): Redis {
  const redis = new Redis({
    ...CONNECTION,
    ...addressOf(url),
    enableOfflineQueue: false,
    retryStrategy: reconnectDelayMs,
  })
  return watched(redis, log)
}

function connectCluster({ urls }: StoreSettings, log: Log): Cluster {
  const cluster = new Cluster(
    urls.map((url) => placeOf(new URL(url))),
    {
      enableOfflineQueue: false,
      clusterRetryStrategy: reconnectDelayMs,
      maxRedirections: MAX_REDIRECTIONS,
      slotsRefreshTimeout: COMMAND_TIMEOUT_MS,
      // Certificates are for names: they are resolved where a connection is made, and not before.
      dnsLookup: (name, done) => done(null, name),
      redisOptions: { ...CONNECTION, ...credentialsOf(new URL(urls[0])) },
    },
  )
  cluster.on('node error', (error: Error, node: string) =>
    log.warn({ reason: error.message, node }, 'a node of the store cannot be reached'),
  )
  return watched(cluster, log)
}

/** Without a listener an error event ends the process; each failed command is reported where it was sent. */
function watched<Connection extends Store>(connection: Connection, log: Log): Connection {
  connection.on('error', (error: Error) => log.warn({ reason: error.message }, 'the store cannot be reached'))
  connection.on('ready', () => log.info('connected to the store'))
  return connection
}

function addressOf(text: string) {
  if (text.startsWith('unix:')) return { path: text.slice('unix:'.length) }
  const url = new URL(text)
  return { ...placeOf(url), ...credentialsOf(url), db: Number(url.pathname.slice(1)) }
}

function placeOf({ hostname, port }: URL) {
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || '6379') }
}

function credentialsOf({ protocol, username, password }: URL) {
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  }
}

function reconnectDelayMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), MAX_RECONNECT_DELAY_MS)
}
