import { promisify } from 'node:util'
import { Client, credentials } from '@grpc/grpc-js'
import { service as healthService } from 'grpc-health-check'

const TIMEOUT_MS = 1000

/**
 * Whether a gRPC server reports SERVING. Rejects if it does not answer.
 *
 * @param service - one of those that the server reports; empty for the server itself
 */
export async function answersGrpcHealth(socketPath: string, service = ''): Promise<boolean> {
  const { Check } = healthService
  if (Check === undefined) return false
  const client = new Client(`unix:${socketPath}`, credentials.createInsecure())
  const options = { deadline: Date.now() + TIMEOUT_MS }
  const ask = promisify((done: (error: Error | null, reply?: object) => void) =>
    client.makeUnaryRequest(
      Check.path,
      Check.requestSerialize,
      Check.responseDeserialize,
      { service },
      options,
      (error, reply: object | undefined) => done(error, reply),
    ),
  )
  const reply = (await ask().finally(() => client.close())) as { status?: unknown } | undefined
  return reply?.status === 'SERVING'
}
