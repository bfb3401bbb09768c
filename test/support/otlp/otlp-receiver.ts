import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader'
import { closeAfterAll } from '../close-after-all.ts'

export interface ReceivedSpan {
  readonly service: string
  readonly name: string
  /** In hexadecimal digits. */
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string
  readonly attributes: ReadonlyMap<string, string>
}

interface KeyValue {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

interface ExportRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] }
    readonly scopeSpans?: readonly { readonly spans?: readonly SpanMessage[] }[]
  }[]
}

interface SpanMessage {
  readonly name: string
  readonly traceId: string | Buffer
  readonly spanId: string | Buffer
  readonly parentSpanId?: string | Buffer
  readonly attributes?: readonly KeyValue[]
}

const { 'opentelemetry.proto.collector.trace.v1.TraceService': service } = loadSync(
  join(import.meta.dirname, 'trace-service.proto'),
)
const { Export } = service as ServiceDefinition

/** A receiver of spans by OTLP over HTTP: JSON as the exporter writes it, or protobuf as Envoy does. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = []
  /** Each body as it came. */
  readonly bodies: Buffer[] = []
  readonly endpoint: URL
  /** While true, answers 500. */
  isBroken = false

  private constructor(port: number) {
    this.endpoint = new URL(`http://127.0.0.1:${port}`)
  }

  static async start(): Promise<OtlpReceiver> {
    const server = createServer((request, response) => void receiver.#receive(request, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const receiver = new OtlpReceiver((server.address() as AddressInfo).port)
    closeAfterAll(() => {
      server.close()
      server.closeAllConnections()
    })
    return receiver
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    if (this.isBroken || request.url !== '/v1/traces') {
      response.writeHead(500).end()
      return
    }
    this.bodies.push(body)
    const isJson = request.headers['content-type'] === 'application/json'
    const message = (isJson ? JSON.parse(body.toString()) : Export?.requestDeserialize(body)) as ExportRequest
    this.spans.push(...spansOf(message))
    response.writeHead(200, { 'content-type': request.headers['content-type'] }).end(isJson ? '{}' : '')
  }
}

function spansOf({ resourceSpans = [] }: ExportRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const from = attributesOf(resource?.attributes).get('service.name') ?? ''
    return scopeSpans
      .flatMap(({ spans = [] }) => spans)
      .map((span) => ({
        service: from,
        name: span.name,
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId ?? ''),
        attributes: attributesOf(span.attributes),
      }))
  })
}

function attributesOf(attributes: readonly KeyValue[] = []): ReadonlyMap<string, string> {
  return new Map(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]))
}

function hex(id: string | Buffer): string {
  return typeof id === 'string' ? id : id.toString('hex')
}
