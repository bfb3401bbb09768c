import { Cluster, Redis } from 'ioredis'
import { bareHost } from '../config/settings.ts'
import type { Log } from '../log/log.ts'
import type { StoreCredentials, StoreSettings } from './store-settings.ts'

/** A Redis server, or a cluster that sends each command to the master of its key. */
export type Store = Redis | Cluster

/** A command without an answer by then fails, and its request is answered with 503. */
const COMMAND_TIMEOUT_MS = 1000
const CONNECT_TIMEOUT_MS = 2000
/** A connection with waiting commands and no data may be half open: reconnect. */
const DEAD_AFTER_MS = 3000
const MAX_RECONNECT_DELAY_MS = 1000
/** Redirections are 100 ms apart after the failure of a node. */
const MAX_REDIRECTIONS = 8

const CONNECTION = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  socketTimeout: DEAD_AFTER_MS,
  maxRetriesPerRequest: 0,
  // After a failover the server is a replica: reconnect by name to the new master.
  reconnectOnError: ({ message }: Error) => message.includes('READONLY'),
}

/** Connects to Redis 7, Valkey 8 or later, and reconnects. Without a connection, commands fail at once. */
export function connectStore(settings: StoreSettings, log: Log): Store {
  const { mode, urls, credentials } = settings
  return mode === 'single' ? connectRedis(urls[0], log, credentials) : connectCluster(settings, log)
}

/**
 * Connects to one node: in a cluster, every node receives what any other publishes. ioredis' cluster subscriber moves
 * to another node silently and loses messages. Each reconnect tries the next node.
 */
export function connectSubscriber({ urls, credentials }: StoreSettings, log: Log): Redis {
  const nodes = urls.map((url) => addressOf(url, credentials))
  let turn = 0
  const redis: Redis = new Redis({
    ...CONNECTION,
    ...nodes[0],
    // The listener subscribes again itself, so it knows since when no message is missing.
    autoResubscribe: false,
    enableOfflineQueue: false,
    disconnectTimeout: 0,
    retryStrategy: (attempt) => {
      turn += 1
      Object.assign(redis.options, nodes[turn % nodes.length])
      return reconnectDelayMs(attempt)
    },
  })
  return logEvents(redis, log)
}

/** Connects to one server at `redis://`, `rediss://` or `unix:/path`. */
export function connectRedis(url: string, log: Log, credentials?: StoreCredentials): Redis {
  const redis = new Redis({
    ...CONNECTION,
    ...addressOf(url, credentials),
    enableOfflineQueue: false,
    retryStrategy: reconnectDelayMs,
  })
  return logEvents(redis, log)
}

function connectCluster({ urls, credentials }: StoreSettings, log: Log): Cluster {
  const cluster = new Cluster(
    urls.map((url) => endpointOf(new URL(url))),
    {
      enableOfflineQueue: false,
      clusterRetryStrategy: reconnectDelayMs,
      maxRedirections: MAX_REDIRECTIONS,
      slotsRefreshTimeout: COMMAND_TIMEOUT_MS,
      // TLS certificates are for names, so names are not resolved early.
      dnsLookup: (name, done) => done(null, name),
      redisOptions: { ...CONNECTION, ...securityOf(new URL(urls[0])), ...credentials },
    },
  )
  cluster.on('node error', (error: Error, node: string) =>
    log.warn({ reason: error.message, node }, 'redis: node unreachable'),
  )
  return logEvents(cluster, log)
}

/** Logs connection events. Without a listener, an error event would end the process. */
function logEvents<Connection extends Store>(connection: Connection, log: Log): Connection {
  connection.on('error', (error: Error) => log.warn({ reason: error.message }, 'redis: connection failed'))
  connection.on('ready', () => log.info('redis: connected'))
  return connection
}

function addressOf(text: string, credentials: StoreCredentials = {}) {
  if (text.startsWith('unix:')) return { path: text.slice('unix:'.length), ...credentials }
  const url = new URL(text)
  return { ...endpointOf(url), ...securityOf(url), ...credentials, db: Number(url.pathname.slice(1)) }
}

function endpointOf({ hostname, port }: URL) {
  return { host: bareHost(hostname), port: Number(port || '6379') }
}

function securityOf({ protocol, username, password }: URL) {
  return {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
  }
}

function reconnectDelayMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), MAX_RECONNECT_DELAY_MS)
}
