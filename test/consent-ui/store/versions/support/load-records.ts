import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import type { KeyKind } from '../../../../../core/keys/keys.ts'
import { secretOf } from '../../../../core/support/keys.ts'
import type { CapturedRecords } from './captured-records.ts'

/** As long as the tests need them. */
const LIFETIME_SECONDS = 3600

/** The records of version 1, written by capture-main.ts at the commit before records had a version. */
export async function recordsOfVersion1(): Promise<CapturedRecords> {
  const text = await readFile(join(import.meta.dirname, '../records-1.json'), 'utf8')
  const captured = JSON.parse(text) as CapturedRecords
  const settings = Object.entries(captured.settings).map(([name, value]) => [name, withSecrets(value)])
  return { ...captured, settings: Object.fromEntries<string>(settings as [string, string][]) }
}

/** The file contains no key that a server would accept. */
function withSecrets(setting: string): string {
  return setting.replace(/(sealing|signing):([A-Za-z0-9_-]{43})/g, (_all, kind: KeyKind, secret: string) =>
    secretOf(kind, Buffer.from(secret, 'base64url')),
  )
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
