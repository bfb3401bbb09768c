import { Cluster } from 'ioredis'
import type { Store } from './redis.ts'
import { SLOT_TAGS } from './store-masters.ts'

/** Longer than any session lives, in seconds. */
const LIFETIME_SECONDS = 100 * 86_400
/** Older marks of other processes are removed. */
const FORGET_MS = 3_600_000
/**
 * Max milliseconds of writes that a failover may lose without ending sessions: a mark each second, and the lag of the
 * replica that took over.
 */
export const MAX_LOST_MS = 60_000

/** Redis times (ms) of this process's first and last mark at a tag; 0 before the first. */
interface OwnMarks {
  readonly firstMs: number
  readonly lastMs: number
}

interface Marked {
  readonly markedMs: number
  /** Sessions opened until then (seconds since 1970) are ended; 0 if the store was never rolled back. */
  readonly endedUntil: number
  /** Writes of so many milliseconds were lost, so sessions were ended now; 0 if not. */
  readonly lostMs: number
}

/** Hash tags of the marks, one in each share of the slots: a cluster of up to 16 masters with equal shares has a mark at each. */
export function markTags(store: Store): readonly string[] {
  return store instanceof Cluster ? SLOT_TAGS : SLOT_TAGS.slice(0, 1)
}

/** Any key of the tag, to find its master. */
export function marksKey(tag: string): string {
  return `connect:marks:{${tag}}`
}

/**
 * Marks the store as in use by this process, in one script that first compares its earlier marks with those in the
 * store. If the store was rolled back, every session until now is ended.
 *
 * @param own.maxGapMs - a store that no process has marked for longer was restored; 0 for any gap
 */
export async function markStore(
  store: Store,
  tag: string,
  own: OwnMarks & { readonly name: string; readonly endedUntil: number; readonly maxGapMs: number },
): Promise<Marked> {
  const [markedMs, endedUntil, lostMs] = (await store.eval(
    MARK,
    2,
    marksKey(tag),
    `connect:rolled-back:{${tag}}`,
    own.name,
    own.firstMs,
    own.lastMs,
    own.endedUntil,
    own.maxGapMs,
    MAX_LOST_MS,
    FORGET_MS,
    LIFETIME_SECONDS,
  )) as [number, number, number]
  return { markedMs, endedUntil, lostMs }
}

/**
 * Marks are a sorted set: process → Redis time of its last mark. Each process compares its own, since another process
 * may have marked the restored store already. A process without marks, or forgotten by others, can only judge the gap
 * since the newest mark. The script may write when memory is full.
 */
const MARK = `#!lua flags=allow-oom
local name = ARGV[1]
local first, last, known = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local max_gap, max_lost, forget, lifetime = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local own = tonumber(redis.call('ZSCORE', KEYS[1], name) or 0)
local newest = tonumber(redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2] or 0)
local ended = tonumber(redis.call('GET', KEYS[2]) or 0)
local lost = 0
if own > 0 then
  if last - own > max_lost then lost = last - own end
elseif last - first > max_lost and now - last < forget then
  lost = last - first
  if newest > 0 and newest < first then lost = last - newest end
elseif max_gap > 0 and newest > 0 and now - newest > max_gap then
  lost = now - newest
end
-- Another process has seen it first.
if last > 0 and ended * 1000 > last then lost = 0 end
if lost > 0 then ended = math.max(ended, math.floor(now / 1000)) end
if known > ended then ended = known end
-- A time in the future would end every new session too.
ended = math.min(ended, math.floor(now / 1000))
if ended > 0 then redis.call('SET', KEYS[2], ended, 'EX', lifetime) end
redis.call('ZADD', KEYS[1], now, name)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - forget)
redis.call('EXPIRE', KEYS[1], lifetime)
return {now, ended, lost}
`
