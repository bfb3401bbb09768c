import { Redis } from 'ioredis'

const TIMEOUT_MS = 1000

export async function answersRedis(socketPath: string): Promise<boolean> {
  const redis = new Redis({
    path: socketPath,
    lazyConnect: true,
    retryStrategy: null,
    commandTimeout: TIMEOUT_MS,
  })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    await redis.ping()
    return true
  } finally {
    redis.disconnect()
  }
}
