import process from 'node:process'
import { answersHttp } from './answers-http.ts'

/** Health check of a container, without a shell or curl: exits with 0 if healthy, else with 1. */
const USAGE = 'usage: node deploy/container/health-check.ts http SOCKET PATH | grpc SOCKET [SERVICE]'

const [protocol, socketPath, asked] = process.argv.slice(2)
try {
  if (await isHealthy()) process.exit(0)
  console.error('not healthy')
} catch (error) {
  console.error(`not healthy: ${(error as Error).message}`)
}
process.exit(1)

async function isHealthy(): Promise<boolean> {
  if (socketPath !== undefined && protocol === 'http' && asked !== undefined) {
    return await answersHttp({ socketPath, path: asked })
  }
  if (socketPath === undefined || protocol !== 'grpc') throw new Error(USAGE)
  // Loading gRPC takes longer than the rest of a check.
  const { answersGrpcHealth } = await import('./answers-grpc-health.ts')
  return await answersGrpcHealth(socketPath, asked)
}
