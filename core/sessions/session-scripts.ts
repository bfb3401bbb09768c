/**
 * The transitions of the store, each one Lua script, so that nobody sees half of one. Time is handed in, but
 * for the beats, which compare processes on different machines and take the store's own.
 */

/** An issued code becomes a used marker and its session is written; 0 when the code is not as it was read. */
export const OPEN_SESSION = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('HSET', KEYS[2], 'record', ARGV[4], 'refresh', ARGV[5], 'generation', ARGV[6], 'key', ARGV[7],
  'history', ARGV[10])
if ARGV[9] ~= '' then redis.call('HSET', KEYS[2], 'renewal', ARGV[9]) end
redis.call('EXPIRE', KEYS[2], ARGV[8])
return 1
`

/** A session has another credential, and every authz process is told; nothing where it is not as it was read. */
export const REPLACE_SESSION = `
local record = redis.call('HGET', KEYS[1], 'record')
if not record then return 'gone' end
if record ~= ARGV[1] then return 'changed' end
redis.call('HSET', KEYS[1], 'record', ARGV[2], 'checked_at', ARGV[3])
if ARGV[4] == '' then redis.call('HDEL', KEYS[1], 'renewal') else redis.call('HSET', KEYS[1], 'renewal', ARGV[4]) end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 'replaced'
`

/** A session is renewed with something else from here on, or with nothing; only while both are as they were read. */
export const KEEP_RENEWAL = `
local record, renewal = unpack(redis.call('HMGET', KEYS[1], 'record', 'renewal'))
if record ~= ARGV[1] or (renewal or '') ~= ARGV[3] then return 0 end
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], 'renewal') else redis.call('HSET', KEYS[1], 'renewal', ARGV[2]) end
return 1
`

/** The person of a session was found in good standing; a session that has ended is not brought back. */
export const MARK_CHECKED = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'checked_at', ARGV[1])
return 1
`

/** Two parties hold a session's tokens; a session that has ended is not brought back. */
export const MARK_CONTESTED = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HSETNX', KEYS[1], 'contested_at', ARGV[1])
`

/** A session may only read from here on, and every authz process is told; one that has ended is not brought back. */
export const DOWNGRADE_SESSION = `
local exists = redis.call('EXISTS', KEYS[1])
if exists == 1 then redis.call('HSET', KEYS[1], 'narrowed_to', 'read') end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return exists
`

/** Deletes a value while it is the one that was written, and nobody else's. */
export const DELETE_IF_EQUAL = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`

/**
 * The current refresh token gives way to its successor, while it still is the current one. What is remembered of
 * the exchange is written by the same hand that read it: nothing of it changes unless the token does.
 */
export const ROTATE_REFRESH_TOKEN = `
local current = redis.call('HGET', KEYS[1], 'refresh')
if not current then return 'gone' end
if current ~= ARGV[1] then return 'changed' end
redis.call('HSET', KEYS[1], 'refresh', ARGV[2], 'generation', ARGV[3], 'key', ARGV[4], 'history', ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[6])
return 'rotated'
`

/** A session ends, and every authz process is told. */
export const END_SESSION = `
local ended = redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[1], ARGV[2])
return ended
`

/** An authz process is alive, by the store's clock; 1 when it was in the list before. */
export const ENLIST_AUTHZ = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return known and 1 or 0
`

/** The authz processes that are alive, by the same clock. */
export const LIVE_AUTHZ = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[1], '+inf')
`
