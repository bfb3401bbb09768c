import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import type { CapturedRecords } from './captured-records.ts'

/** As long as the tests need them. */
const LIFETIME_SECONDS = 3600

/** The records of version 1, written by capture-main.ts at the commit before records had a version. */
export async function recordsOfVersion1(): Promise<CapturedRecords> {
  const text = await readFile(join(import.meta.dirname, '../records-1.json'), 'utf8')
  return JSON.parse(text) as CapturedRecords
}

/** Replaces the content of Redis by captured records. */
export async function loadRecords(redis: Redis, { keys }: CapturedRecords): Promise<void> {
  await redis.flushall()
  for (const [key, value] of Object.entries(keys)) {
    if (typeof value === 'string') await redis.set(key, value)
    else await redis.hset(key, value)
    await redis.expire(key, LIFETIME_SECONDS)
  }
}
