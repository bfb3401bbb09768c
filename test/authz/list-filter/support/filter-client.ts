import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials, Metadata, type ClientDuplexStream } from '@grpc/grpc-js'
import { pino } from 'pino'
import { CheckMetrics } from '../../../../authz/metrics/check-metrics.ts'
import { createListFilter } from '../../../../authz/stages/list-filter.ts'
import { Health } from '../../../../authz/envoy/health.ts'
import { startServer } from '../../../../authz/server.ts'
import { loadProcessor, methodOf } from '../../../../proto/load.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'
import { FILES, PLATFORM } from '../../../support/services.ts'

const PROCESS = methodOf(loadProcessor(), 'Process')

export interface Response {
  /** Name of the set field. */
  readonly response?: 'response_headers' | 'response_body' | 'immediate_response'
  readonly response_body?: { readonly response?: { readonly body_mutation?: Mutation } }
  readonly immediate_response?: { readonly status?: { readonly code?: number }; readonly body?: Buffer }
  readonly mode_override?: object
}

interface Mutation {
  readonly mutation?: 'body' | 'clear_body'
  readonly body?: Buffer
  readonly clear_body?: boolean
}

export interface Conversation {
  /** One for each message, in order. */
  readonly responses: readonly Response[]
  /** gRPC status, if the server ended the stream first. */
  readonly ended: number | undefined
}

/** Talks to the list filter of a real server as Envoy does. */
export interface FilterClient {
  readonly lines: Record<string, unknown>[]
  /** Sends each message after the response to the one before, as Envoy does, until the server ends the stream. */
  send(messages: readonly object[]): Promise<Conversation>
  /** Sends these and keeps the stream open; resolves when all are answered, or the server ends the stream. */
  begin(...messages: readonly object[]): Promise<Begun>
}

export interface Begun {
  /** gRPC status; undefined while the stream is open. */
  readonly ended: number | undefined
  /** Cancels the stream, as Envoy does when its client is gone. */
  readonly cancel: () => void
}

export async function startFilter(): Promise<FilterClient> {
  const lines: Record<string, unknown>[] = []
  const log = pino(
    { level: 'debug' },
    { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  )
  const folder = await mkdtemp(join(tmpdir(), 'connect-list-filter-'))
  const path = join(folder, 'authz.sock')
  const never = (): Promise<never> => Promise.reject(new Error('no check is asked'))
  const services = [PLATFORM, FILES]
  const metrics = new CheckMetrics(services)
  const elapsedMs = (): number => performance.now()
  const listFilter = createListFilter({ services, metrics, log, elapsedMs })
  const server = await startServer(
    { authenticate: never, toolAccess: never, listFilter },
    { path },
    new Health(),
  )
  const client = new Client(`unix:${path}`, credentials.createInsecure(), {
    // Envoy has no limit; grpc-js has 4 MiB.
    'grpc.max_receive_message_length': -1,
  })
  closeAfterAll(async () => {
    client.close()
    await server.stop()
    await rm(folder, { recursive: true })
  })
  return {
    lines,
    send: (messages) => send(client, messages),
    begin: (...messages) => begin(client, messages),
  }
}

async function begin(client: Client, messages: readonly object[]): Promise<Begun> {
  const call = openCall(client)
  let answers = 0
  const answered = new Promise<undefined>((resolve) =>
    call.on('data', () => {
      answers += 1
      if (answers === messages.length) resolve(undefined)
    }),
  )
  call.on('error', () => undefined)
  const ended = new Promise<number>((resolve) => call.once('status', ({ code }) => resolve(code)))
  for (const message of messages) call.write(message)
  return { ended: await Promise.race([answered, ended]), cancel: () => call.cancel() }
}

function openCall(client: Client): ClientDuplexStream<object, Response> {
  const metadata = new Metadata()
  metadata.set('x-stage', 'list_filter')
  const { path, requestSerialize, responseDeserialize } = PROCESS
  return client.makeBidiStreamRequest(
    path,
    requestSerialize,
    responseDeserialize as (bytes: Buffer) => Response,
    metadata,
  )
}

async function send(client: Client, messages: readonly object[]): Promise<Conversation> {
  const call = openCall(client)
  const responses: Response[] = []
  const ended = new Promise<number>((resolve) => {
    call.on('error', ({ code }: Error & { code?: number }) => resolve(code ?? -1))
    call.on('status', ({ code }) => resolve(code))
  })
  call.on('data', (response: Response) => void responses.push(response))
  for (const message of messages) {
    call.write(message)
    const answered = new Promise((resolve) => call.once('data', () => resolve(undefined)))
    const first = await Promise.race([answered, ended])
    if (first !== undefined) return { responses, ended: first as number }
  }
  call.end()
  assert.equal(await ended, 0)
  return { responses, ended: undefined }
}
