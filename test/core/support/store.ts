import { once } from 'node:events'
import type { Redis } from 'ioredis'
import { createLog } from '../../../core/log/log.ts'
import { connectRedis } from '../../../core/store/redis.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'

const SILENT = createLog('test', 'silent')

export async function connectTo(url: string): Promise<Redis> {
  const redis = connectRedis(url, SILENT)
  closeAfterAll(() => redis.disconnect())
  await once(redis, 'ready')
  return redis
}

/** Reads the messages of a channel from now on. */
export async function listenTo(url: string, channel: string): Promise<{ next(): Promise<string> }> {
  const subscriber = await connectTo(url)
  const messages: string[] = []
  subscriber.on('message', (_channel: string, text: string) => messages.push(text))
  await subscriber.subscribe(channel)
  return {
    async next() {
      while (messages.length === 0) await once(subscriber, 'message')
      return messages.shift() ?? ''
    },
  }
}
