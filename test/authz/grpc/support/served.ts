import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import type { Definition, Method } from '../../../../authz/grpc/method.ts'
import { GrpcServer } from '../../../../authz/grpc/server.ts'
import { closeAfterAll } from '../../../support/close-after-all.ts'

/** A method of which the messages are texts, and `not a message` is none. */
export function textMethod(name: string): Definition {
  return {
    path: `/test.Service/${name}`,
    requestDeserialize: (bytes) => {
      const text = bytes.toString()
      if (text === 'not a message') throw new Error('secret of the decoder')
      return { text }
    },
    responseSerialize: (message) => Buffer.from((message as Text).text),
  }
}

export interface Text {
  readonly text: string
}

export const write = ({ text }: Text): Buffer => Buffer.from(text)
export const read = (bytes: Buffer): Text => ({ text: bytes.toString() })

/** A server on a socket of its own, until the last test is over. */
export interface Served {
  readonly server: GrpcServer
  readonly path: string
  /** grpc-js's, as whoever calls us uses it. */
  readonly client: Client
}

export async function serve(methods: readonly Method[]): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-grpc-'))
  const path = join(folder, 'grpc.sock')
  const server = new GrpcServer(methods)
  await server.listen({ path })
  const client = new Client(`unix:${path}`, credentials.createInsecure())
  closeAfterAll(async () => {
    client.close()
    await server.stop(0)
    await rm(folder, { recursive: true })
  })
  return { server, path, client }
}
