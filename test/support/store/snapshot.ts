import { copyFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Redis } from 'ioredis'
import { startValkey } from './valkey.ts'

/** A snapshot of a store, on disk. */
export interface Snapshot {
  /** Puts it where the server reads its data at the next start. */
  putBack(): Promise<void>
}

/**
 * Takes a snapshot and lets it look older: the marks of processes in it are the only times that count.
 *
 * @param socket - of a server that writes no append-only file
 */
export async function takeSnapshot(socket: string, ageMs: number): Promise<Snapshot> {
  const redis = new Redis({ path: socket })
  await redis.save()
  redis.disconnect()
  const dump = join(dirname(socket), 'dump.rdb')
  // Running processes would mark the server itself again.
  const copy = await startValkey({ appendonly: 'no' })
  const aged = join(dirname(copy.socket), 'dump.rdb')
  await copyFile(dump, aged)
  await copy.restart()
  const inCopy = new Redis({ path: copy.socket })
  await inCopy.eval(AGE_MARKS, 0, ageMs)
  await inCopy.save()
  inCopy.disconnect()
  return { putBack: () => copyFile(aged, dump) }
}

const AGE_MARKS = `
for _, key in ipairs(redis.call('KEYS', 'connect:marks:*')) do
  for _, name in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZINCRBY', key, -ARGV[1], name) end
end
return 'OK'
`
