import { request } from 'node:http'
import { promisify } from 'node:util'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Client, credentials } from '@grpc/grpc-js'
import { service as healthService } from 'grpc-health-check'
import { Redis } from 'ioredis'

const TIMEOUT_MS = 1000

export async function answersHttp(target: {
  path: string
  port?: number
  socketPath?: string
}): Promise<boolean> {
  const asked = request({ host: '127.0.0.1', ...target, timeout: TIMEOUT_MS, agent: false })
  asked.once('timeout', () => asked.destroy())
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode === 200
}

export async function answersGrpcHealth(socketPath: string): Promise<boolean> {
  const { Check } = healthService
  if (Check === undefined) return false
  const client = new Client(`unix:${socketPath}`, credentials.createInsecure())
  const options = { deadline: Date.now() + TIMEOUT_MS }
  const ask = promisify((done: (error: Error | null, reply?: object) => void) =>
    client.makeUnaryRequest(
      Check.path,
      Check.requestSerialize,
      Check.responseDeserialize,
      {},
      options,
      (error, reply: object | undefined) => done(error, reply),
    ),
  )
  const reply = (await ask().finally(() => client.close())) as { status?: unknown } | undefined
  return reply?.status === 'SERVING'
}

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
