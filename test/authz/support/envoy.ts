import assert from 'node:assert/strict'
import { Client, credentials, Metadata, type CallOptions } from '@grpc/grpc-js'
import type { CheckRequest } from '../../../authz/envoy/check-request.ts'
import { AUTHORIZATION_SERVICE, loadAuthorization } from '../../../proto/load.ts'
import { SERVICE } from './sessions.ts'

/** A CheckRequest, or any other object of its message. */
export type Question = object

/** What came back, as Envoy would read it. */
export interface Answer {
  readonly code: number
  /** Of the three, the one that is there. */
  readonly kind: string | undefined
  readonly httpStatus: number | undefined
  readonly headers: ReadonlyMap<string, string>
  readonly body: string | undefined
  readonly removed: readonly string[]
  readonly metadata: Readonly<Record<string, string | boolean>>
}

interface Message {
  readonly status?: { readonly code?: number }
  readonly http_response?: string
  readonly ok_response?: Part
  readonly denied_response?: Part
  readonly error_response?: Part
  readonly dynamic_metadata?: {
    readonly fields?: Readonly<
      Record<string, { readonly stringValue?: string; readonly boolValue?: boolean }>
    >
  }
}

interface Part {
  readonly status?: { readonly code: number }
  readonly headers?: readonly {
    readonly header: { readonly key: string; readonly value: string }
    readonly append?: { readonly value?: boolean }
  }[]
  readonly headers_to_remove?: readonly string[]
  readonly body?: string
}

const { Check } = loadAuthorization()
assert.ok(Check !== undefined)
const method = Check

/** The context that Envoy's route of the first service sets. */
export const CONTEXT = { service: SERVICE.name, path: SERVICE.paths[0] }

/** What Envoy asks about a request with these headers. */
export function question(headers: Record<string, string>, httpMethod = 'POST'): Question {
  return {
    attributes: {
      request: { http: { method: httpMethod, headers: { 'x-request-id': 'request-1', ...headers } } },
      context_extensions: CONTEXT,
    },
  }
}

/** A question as authz receives it: through its bytes. */
export function asEnvoySends(asked: Question): CheckRequest {
  return method.requestDeserialize(method.requestSerialize(asked))
}

type Stage = 'authenticate' | 'tool_access'

function metadataOf(stage: Stage): Metadata {
  const metadata = new Metadata()
  metadata.set('x-stage', stage)
  return metadata
}

/** Envoy's part of the conversation: a gRPC client on the socket. */
export class FakeEnvoy {
  readonly client: Client

  constructor(target: string) {
    this.client = new Client(target, credentials.createInsecure())
  }

  async ask(asked: Question, options: CallOptions = {}): Promise<Answer> {
    return await this.begin(asked, options).answer
  }

  /** Asks, and may lose interest: Envoy sends its timeout as a deadline, and cancels when its own client is gone. */
  begin(
    asked: Question,
    options: CallOptions = {},
    stage: Stage = 'authenticate',
  ): { answer: Promise<Answer>; cancel: () => void } {
    const { promise, resolve, reject } = Promise.withResolvers<object>()
    const call = this.client.makeUnaryRequest(
      `/${AUTHORIZATION_SERVICE}/Check`,
      method.requestSerialize,
      method.responseDeserialize,
      asked,
      metadataOf(stage),
      options,
      (error, message) =>
        message === undefined ? reject(error ?? new Error('no answer')) : resolve(message),
    )
    return { answer: promise.then(read), cancel: () => call.cancel() }
  }

  /** What the second filter asks, with the body and what the first check found. */
  async askToolAccess(asked: Question, options: CallOptions = {}): Promise<Answer> {
    return await this.begin(asked, options, 'tool_access').answer
  }

  /** A POST with a bearer token. */
  async present(token: string, options: CallOptions = {}): Promise<Answer> {
    return await this.ask(question({ authorization: `Bearer ${token}` }), options)
  }

  close(): void {
    this.client.close()
  }
}

/** Reads a message through its bytes, as Envoy would. */
export function readAnswer(message: object): Answer {
  return read(method.responseDeserialize(method.responseSerialize(message)))
}

function read(message: object): Answer {
  const { status, http_response, dynamic_metadata, ...parts } = message as Message
  const [part = {}] = Object.values(parts)
  const headers = part.headers ?? []
  const names = headers.map(({ header }) => header.key)
  assert.equal(new Set(names).size, names.length, 'one entry for each header')
  assert.ok(
    headers.every(({ append }) => append !== undefined && append.value !== true),
    'append is false',
  )
  return {
    code: status?.code ?? 0,
    kind: http_response,
    httpStatus: part.status?.code,
    headers: new Map(headers.map(({ header }) => [header.key, header.value])),
    body: part.body,
    removed: part.headers_to_remove ?? [],
    metadata: textsOf(dynamic_metadata),
  }
}

function textsOf(struct: Message['dynamic_metadata']): Record<string, string | boolean> {
  return Object.fromEntries(
    Object.entries(struct?.fields ?? {}).map(([name, { stringValue, boolValue }]) => [
      name,
      stringValue ?? boolValue ?? '',
    ]),
  )
}
