/**
 * The transitions of the store, each one Lua script, so that nobody sees half of one. Time is handed in, but
 * for the beats, which compare processes on different machines and take the store's own.
 */

/** An issued code becomes a used marker and its session is written; 0 when the code is not as it was read. */
export const OPEN_SESSION = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('HSET', KEYS[2], 'record', ARGV[4], 'refresh', ARGV[5], 'generation', ARGV[6], 'key', ARGV[7])
redis.call('EXPIRE', KEYS[2], ARGV[8])
return 1
`

/** The current refresh token gives way to its successor; the one before it is remembered for a grace. */
export const ROTATE_REFRESH_TOKEN = `
local current, previous, rotated_at, key = unpack(
  redis.call('HMGET', KEYS[1], 'refresh', 'previous', 'rotated_at', 'key'))
if not current then return {'gone'} end
local now = tonumber(ARGV[6])
if current == ARGV[1] then
  redis.call('HSET', KEYS[1], 'refresh', ARGV[2], 'generation', ARGV[3], 'key', ARGV[4],
    'previous', ARGV[1], 'rotated_at', now)
  redis.call('EXPIRE', KEYS[1], ARGV[5])
  return {'rotated'}
end
if previous == ARGV[1] and now - tonumber(rotated_at) <= tonumber(ARGV[7]) then return {'repeated', key} end
return {'stale'}
`

/** A session ends, and every authz process is told. */
export const END_SESSION = `
local ended = redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[1], ARGV[2])
return ended
`

/** An authz process is alive, by the store's clock. */
export const BEAT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return now
`
