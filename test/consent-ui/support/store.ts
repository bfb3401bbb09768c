import type { Redis } from 'ioredis'
import { sharedByFiles } from '../../support/close-after-all.ts'
import { startValkey } from '../../support/store/valkey.ts'

/** One Redis for all tests that do not stop it; each server has its own origin and keys. */
export const sharedValkey = sharedByFiles(() => startValkey({ appendonly: 'no' }))

/** Shortens every lifetime in Redis; expired keys are gone. */
export async function passTime(redis: Redis, seconds: number): Promise<void> {
  await redis.eval(SHORTEN_LIFETIMES, 0, seconds * 1000)
}

const PAUSE_MS = 200

/** Runs an action several times at once: Redis answers only when all of them wait. */
export async function atOnce<Result>(
  redis: Redis,
  times: number,
  action: () => Promise<Result>,
): Promise<Result[]> {
  await redis.client('PAUSE', PAUSE_MS)
  return await Promise.all(Array.from({ length: times }, action))
}

export async function keysAddedBy(redis: Redis, action: () => Promise<unknown>): Promise<string[]> {
  const before = new Set(await redis.keys('*'))
  await action()
  const after = await redis.keys('*')
  return after.filter((key) => !before.has(key))
}

/** All names and values in Redis, as an attacker who copied it sees them. */
export async function dump(redis: Redis): Promise<string> {
  const keys = await redis.keys('*')
  const values = await Promise.all(keys.map((key) => valueOf(redis, key)))
  return JSON.stringify(keys.map((key, index) => [key, values[index]]))
}

async function valueOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return await redis.get(key)
    case 'hash':
      return await redis.hgetall(key)
    default:
      return await redis.dump(key)
  }
}

/** A key without a lifetime is an error (core/storage.md). */
const SHORTEN_LIFETIMES = `
for _, key in ipairs(redis.call('KEYS', 'connect:*')) do
  local left = redis.call('PTTL', key)
  if left == -1 then return redis.error_reply('no lifetime: ' .. key) end
  if left > tonumber(ARGV[1]) then redis.call('PEXPIRE', key, left - ARGV[1]) else redis.call('DEL', key) end
end
return 'OK'
`
