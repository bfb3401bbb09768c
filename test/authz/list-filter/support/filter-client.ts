import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials, Metadata, type ClientDuplexStream } from '@grpc/grpc-js'
import { pino } from 'pino'
import { createListFilter } from '../../../../authz/stages/list-filter.ts'
import { startServer } from '../../../../authz/server.ts'
import { loadProcessor, methodOf } from '../../../../proto/load.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'
import { FILES, PLATFORM } from '../../../support/services.ts'

const PROCESS = methodOf(loadProcessor(), 'Process')

/** What came back, as Envoy would read it. */
export interface Response {
  /** Of the three, the one that is there. */
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
  /** In their order, each to one message. */
  readonly responses: readonly Response[]
  /** Of gRPC, where the server ended it before we did. */
  readonly ended: number | undefined
}

/** Envoy's part of the conversation with the list filter of a server as main.ts starts it. */
export interface FilterClient {
  readonly lines: Record<string, unknown>[]
  /** Says these one by one, each when the one before was answered, as Envoy does; says no more where one is not. */
  say(messages: readonly object[]): Promise<Conversation>
  /** Says these, and leaves the rest unsaid; resolves when they were answered, or with how the server ended it. */
  begin(...messages: readonly object[]): Promise<Begun>
}

export interface Begun {
  /** Of gRPC; undefined while it goes on. */
  readonly ended: number | undefined
  /** Goes away, as Envoy does when its client has. */
  readonly leave: () => void
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
  const listFilter = createListFilter({ services: [PLATFORM, FILES], log })
  const server = await startServer({ authenticate: never, toolAccess: never, listFilter }, { path })
  const client = new Client(`unix:${path}`, credentials.createInsecure(), {
    // Envoy has no limit; grpc-js’s is 4 MiB.
    'grpc.max_receive_message_length': -1,
  })
  closeAfterAll(async () => {
    client.close()
    await server.stop()
    await rm(folder, { recursive: true })
  })
  return { lines, say: (messages) => say(client, messages), begin: (...messages) => begin(client, messages) }
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
  return { ended: await Promise.race([answered, ended]), leave: () => call.cancel() }
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

async function say(client: Client, messages: readonly object[]): Promise<Conversation> {
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
