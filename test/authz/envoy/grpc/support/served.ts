import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Client,
  credentials,
  Server,
  type MethodDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import {
  bidiStream,
  unary,
  type StreamHandler,
  type UnaryHandler,
} from '../../../../../authz/envoy/grpc-handlers.ts'
import { boundedBy, listenForCalls, type ListeningServer } from '../../../../../authz/envoy/grpc-server.ts'
import { closeAfterAll } from '../../../../support/close-after-all.ts'

export interface Text {
  readonly text: string
}

export const write = ({ text }: Text): Buffer => Buffer.from(text)
export const read = (bytes: Buffer): Text => ({ text: bytes.toString() })

const ASK_PATH = '/test.Service/Ask'
const TALK_PATH = '/test.Service/Talk'
export const ASK = { path: ASK_PATH }
export const TALK = { path: TALK_PATH }

function definition(path: string, isStream: boolean): MethodDefinition<Text, Text> {
  return {
    path,
    requestStream: isStream,
    responseStream: isStream,
    requestSerialize: write,
    requestDeserialize: (bytes) => {
      const message = read(bytes)
      if (message.text === 'not a message') throw new Error('cannot be decoded')
      return message
    },
    responseSerialize: write,
    responseDeserialize: read,
  }
}

/** A server on its own Unix socket, until the tests end. */
export interface Served {
  readonly server: ListeningServer
  readonly path: string
  readonly client: Client
}

/** Serves a unary and a streaming method as authz does, with texts as messages. */
export async function serve(
  { ask, talk }: { readonly ask?: UnaryHandler<Text, Text>; readonly talk?: StreamHandler<Text, Text> },
  maxMessageBytes = 1000,
): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-grpc-'))
  const path = join(folder, 'grpc.sock')
  const grpc = new Server(boundedBy(maxMessageBytes))
  const methods: Record<string, MethodDefinition<Text, Text>> = {}
  const implementation: UntypedServiceImplementation = {}
  if (ask !== undefined) {
    methods.Ask = definition(ASK_PATH, false)
    implementation.Ask = unary(ask) as never
  }
  if (talk !== undefined) {
    methods.Talk = definition(TALK_PATH, true)
    implementation.Talk = bidiStream(talk) as never
  }
  grpc.addService(methods, implementation)
  const server = await listenForCalls(grpc, { path })
  const client = new Client(`unix:${path}`, credentials.createInsecure())
  closeAfterAll(async () => {
    client.close()
    await server.stop(0)
    await rm(folder, { recursive: true })
  })
  return { server, path, client }
}
