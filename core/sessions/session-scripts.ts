/**
 * The transitions of sessions in Redis, each one atomic Lua script. Times are arguments; only heartbeats use the time of
 * Redis, as they compare processes on different machines.
 */

/** Turns an issued code into a used marker and writes its session; 0 when the code has changed. */
export const OPEN_SESSION = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('HSET', KEYS[2], 'record', ARGV[4], 'refresh', ARGV[5], 'generation', ARGV[6], 'key', ARGV[7],
  'history', ARGV[10])
if ARGV[9] ~= '' then redis.call('HSET', KEYS[2], 'renewal', ARGV[9]) end
if ARGV[11] ~= '' then redis.call('HSET', KEYS[2], 'opened_from', ARGV[11]) end
redis.call('EXPIRE', KEYS[2], ARGV[8])
return 1
`

/** Writes a session that no code and no refresh token belongs to. */
export const WRITE_SESSION = `
redis.call('HSET', KEYS[1], 'record', ARGV[1])
return redis.call('EXPIRE', KEYS[1], ARGV[2])
`

/** Replaces a session's credential and publishes the change, unless the session has changed. */
export const REPLACE_SESSION = `
local record = redis.call('HGET', KEYS[1], 'record')
if not record then return 'gone' end
if record ~= ARGV[1] then return 'changed' end
redis.call('HSET', KEYS[1], 'record', ARGV[2], 'checked_at', ARGV[3])
if ARGV[4] == '' then redis.call('HDEL', KEYS[1], 'renewal') else redis.call('HSET', KEYS[1], 'renewal', ARGV[4]) end
redis.call('PUBLISH', ARGV[5], ARGV[6])
return 'replaced'
`

/** Replaces or removes a session's renewal, unless session or renewal have changed. */
export const KEEP_RENEWAL = `
local record, renewal = unpack(redis.call('HMGET', KEYS[1], 'record', 'renewal'))
if record ~= ARGV[1] or (renewal or '') ~= ARGV[3] then return 0 end
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], 'renewal') else redis.call('HSET', KEYS[1], 'renewal', ARGV[2]) end
return 1
`

/** Notes when the Registry confirmed the user's status; an ended session stays ended. */
export const MARK_CHECKED = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], 'checked_at', ARGV[1])
return 1
`

/** Notes that two parties have a session's tokens; an ended session stays ended. */
export const MARK_CONTESTED = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
return redis.call('HSETNX', KEYS[1], 'contested_at', ARGV[1])
`

/** Notes a use, and its tools before the earlier ones; an ended session stays ended. */
export const REPORT_USE = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local at, before = unpack(redis.call('HMGET', KEYS[1], 'used_at', 'used_tools'))
if tonumber(ARGV[1]) > (tonumber(at) or 0) then redis.call('HSET', KEYS[1], 'used_at', ARGV[1]) end
if #ARGV < 3 then return 1 end
local tools, seen = {}, {}
local function add(tool)
  if type(tool) ~= 'string' or seen[tool] or #tools >= tonumber(ARGV[2]) then return end
  seen[tool] = true
  table.insert(tools, tool)
end
for index = 3, #ARGV do add(ARGV[index]) end
local isRead, earlier = pcall(cjson.decode, before or '[]')
if isRead and type(earlier) == 'table' then for _, tool in ipairs(earlier) do add(tool) end end
redis.call('HSET', KEYS[1], 'used_tools', cjson.encode(tools))
return 1
`

/** Downgrades a session to read-only and publishes the change; an ended session stays ended. */
export const DOWNGRADE_SESSION = `
local exists = redis.call('EXISTS', KEYS[1])
if exists == 1 then redis.call('HSET', KEYS[1], 'narrowed_to', 'read') end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return exists
`

export const DELETE_IF_EQUAL = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`

/** Replaces the current refresh token by its successor, with the history, unless the token has changed. */
export const ROTATE_REFRESH_TOKEN = `
local current = redis.call('HGET', KEYS[1], 'refresh')
if not current then return 'gone' end
if current ~= ARGV[1] then return 'changed' end
redis.call('HSET', KEYS[1], 'refresh', ARGV[2], 'generation', ARGV[3], 'key', ARGV[4], 'history', ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[6])
return 'rotated'
`

export const END_SESSION = `
local ended = redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[1], ARGV[2])
return ended
`

/** Enters a process in a list of live ones, by the time of Redis; 1 when it was in the list. */
export const ENLIST_PROCESS = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return known and 1 or 0
`

/** Lists the live processes, by the time of Redis. */
export const LIVE_PROCESSES = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], now - ARGV[1], '+inf')
`
