import { once } from 'node:events'
import type { Redis } from 'ioredis'
import { createLog } from '../../../core/log/log.ts'
import { connectRedis } from '../../../core/store/redis.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { channelMessages } from '../../support/store/channel-messages.ts'

const SILENT = createLog('test', 'silent')

export async function connectTo(url: string): Promise<Redis> {
  const redis = connectRedis(url, SILENT)
  closeAfterAll(() => redis.disconnect())
  await once(redis, 'ready')
  return redis
}

/** Reads the messages of a channel from now on. */
export async function listenTo(url: string, channel: string): Promise<{ next(): Promise<string> }> {
  return await channelMessages(await connectTo(url), channel)
}
