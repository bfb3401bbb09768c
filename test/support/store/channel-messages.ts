import { once } from 'node:events'
import type { Redis } from 'ioredis'

/** Reads the messages of a channel from now on, one at a time. */
export async function channelMessages(
  subscriber: Redis,
  channel: string,
): Promise<{ next(): Promise<string> }> {
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
