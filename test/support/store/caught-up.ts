import type { Redis } from 'ioredis'
import { until } from '../until.ts'

/** Waits until the only replica has everything that was written. */
export async function caughtUp(master: Redis): Promise<void> {
  const hasEverything = async (): Promise<boolean> => {
    const info = await master.info('replication')
    const [, copied] = /^slave0:.*state=online,offset=(\d+)/m.exec(info) ?? []
    const [, written] = /^master_repl_offset:(\d+)/m.exec(info) ?? []
    return copied !== '0' && copied === written
  }
  await until(hasEverything, 'the replica to catch up')
}
