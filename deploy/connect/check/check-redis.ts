import { once } from 'node:events'
import type { Redis } from 'ioredis'
import type { SharedSettings } from '../../../core/config/shared-settings.ts'
import { isLoopback } from '../../../core/config/settings.ts'
import { createLog } from '../../../core/log/log.ts'
import { liveAuthz } from '../../../core/sessions/session-changes.ts'
import { connectStore } from '../../../core/store/redis.ts'
import { mastersOf } from '../../../core/store/store-masters.ts'
import type { StoreSettings } from '../../../core/store/store-settings.ts'
import { checkControls } from './check-controls.ts'
import { clockFinding } from './clock.ts'
import { aboutPart, type Finding, type Probe } from './finding.ts'

const MIN_REDIS = 7
const MIN_VALKEY = 8
const MAX_MEMORY_SHARE = 0.8

const redis = aboutPart('redis')

/** Asks every master of the store: version, memory, replicas, persistence, clock; and what lives in Redis only. */
export function redisProbe(settings: SharedSettings): Probe {
  return {
    part: 'redis',
    fix: 'compare REDIS_URL, REDIS_MODE, user name and password; look at its network rules (security groups)',
    ask: async ({ signal }) => {
      const store = connectStore(settings.store, createLog('check', 'silent'))
      try {
        await once(store, 'ready', { signal })
        const masters = [...(await mastersOf(store))]
        const ofMasters = await Promise.all(masters.map(([name, node]) => checkMaster(name, node)))
        return [
          ...transportFindings(settings.store),
          ...ofMasters.flat(),
          liveAuthzFinding(await liveAuthz(store)),
          ...(await checkControls(store, settings)),
        ]
      } finally {
        store.disconnect()
      }
    },
  }
}

function transportFindings({ urls }: StoreSettings): Finding[] {
  const isPlain = urls.some((url) => url.startsWith('redis://') && !isLoopback(new URL(url).hostname))
  if (!isPlain) return [redis.ok(urls[0].startsWith('rediss:') ? 'TLS' : 'on this machine')]
  return [
    redis.warning(
      'the connection has no TLS (REDIS_PLAINTEXT): the network can read every session',
      'write rediss:// in REDIS_URL',
    ),
  ]
}

async function checkMaster(name: string, node: Redis | undefined): Promise<Finding[]> {
  if (node === undefined) return [redis.fault(`master ${name} does not answer`, 'look at that node')]
  const askedMs = Date.now()
  const [seconds, microseconds] = await node.time()
  const clock = clockFinding(
    `redis ${name}`,
    Number(seconds) * 1000 + Number(microseconds) / 1000,
    (askedMs + Date.now()) / 2,
  )
  const info = parseInfo(await node.info())
  return [versionFinding(info), policyFinding(info), ...memoryFindings(info), survivalFinding(info), clock]
}

type Info = ReadonlyMap<string, string>

function parseInfo(text: string): Info {
  const pairs = text.split('\r\n').flatMap((line): [string, string][] => {
    const at = line.indexOf(':')
    return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 1)]]
  })
  return new Map(pairs)
}

function versionFinding(info: Info): Finding {
  const valkey = info.get('valkey_version')
  const version = valkey ?? info.get('redis_version') ?? '0'
  const [product, min] = valkey === undefined ? ['Redis', MIN_REDIS] : ['Valkey', MIN_VALKEY]
  if (Number.parseInt(version, 10) >= min) return redis.ok(`${product} ${version}`)
  return redis.fault(`${product} ${version} is too old`, `update it to ${product} ${min} or later`)
}

/** With any other policy Redis would drop sessions and revocations when its memory is full. */
function policyFinding(info: Info): Finding {
  const policy = info.get('maxmemory_policy') ?? 'unknown'
  if (policy === 'noeviction') return redis.ok('maxmemory-policy noeviction')
  return redis.fault(
    `maxmemory-policy is ${policy}: Redis drops sessions and revocations when its memory is full`,
    'set maxmemory-policy noeviction (in AWS in the parameter group)',
  )
}

function memoryFindings(info: Info): Finding[] {
  const max = Number(info.get('maxmemory') ?? 0)
  const share = Number(info.get('used_memory') ?? 0) / max
  if (max === 0 || share < MAX_MEMORY_SHARE) return []
  return [
    redis.warning(
      `${Math.round(share * 100)} % of the memory is used`,
      'give Redis more memory: when it is full, new sign-ins get 503',
    ),
  ]
}

/** What is left after a crash of the master. */
function survivalFinding(info: Info): Finding {
  const replicas = Number(info.get('connected_slaves') ?? 0)
  if (replicas > 0) return redis.ok(`${replicas} replica(s)`)
  if (info.get('aof_enabled') === '1') return redis.ok('no replica, append-only file')
  return redis.warning(
    'no replica and no append-only file: a crash ends every session',
    'add a replica (with Multi-AZ), or set appendonly yes',
  )
}

function liveAuthzFinding(live: readonly string[]): Finding {
  if (live.length > 0) return redis.ok(`${live.length} authz process(es) follow changes`)
  return redis.warning(
    'no authz process follows changes here',
    'start authz, or compare its REDIS_URL with this one',
  )
}
