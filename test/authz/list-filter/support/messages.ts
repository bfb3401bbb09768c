const NAMESPACE = 'envoy.filters.http.ext_authz'

export interface AnswerHeaders {
  readonly status?: string
  readonly contentType?: readonly string[]
  readonly contentEncoding?: readonly string[]
  readonly contentLength?: readonly string[]
  readonly endOfStream?: boolean
  /** JSON of the JSON-RPC id, from the metadata of tool_access. */
  readonly rpcId?: string
  /** From the metadata of authenticate. */
  readonly service?: string | undefined
  readonly subject?: string
}

export function headersMessage(headers: AnswerHeaders = {}): object {
  const {
    status = '200',
    contentType = ['application/json'],
    contentEncoding = [],
    contentLength = [],
    rpcId,
    endOfStream = false,
    subject = 'ada',
  } = headers
  const service = 'service' in headers ? headers.service : 'platform'
  const listed = [
    [':status', status],
    ...contentType.map((value) => ['content-type', value]),
    ...contentEncoding.map((value) => ['content-encoding', value]),
    ...contentLength.map((value) => ['content-length', value]),
  ].map(([key, value = '']) => ({ key, raw_value: Buffer.from(value) }))
  const identity = {
    subject: { stringValue: subject },
    client: { stringValue: 'client-1' },
    ...rpcIdField(rpcId),
  }
  const fields = service === undefined ? identity : { ...identity, service: { stringValue: service } }
  return {
    response_headers: { headers: { headers: listed }, end_of_stream: endOfStream },
    metadata_context: { filter_metadata: { [NAMESPACE]: { fields } } },
  }
}

export function bodyMessage(body: string | Uint8Array, isLast: boolean): object {
  return { response_body: { body: Buffer.from(body as string), end_of_stream: isLast } }
}

/** A whole body in these pieces, or one empty piece. */
export function bodyMessages(pieces: readonly (string | Uint8Array)[]): object[] {
  return (pieces.length === 0 ? [''] : pieces).map((piece, at, { length }) =>
    bodyMessage(piece, at === length - 1),
  )
}

function rpcIdField(rpcId: string | undefined): object {
  return rpcId === undefined ? {} : { rpc_id: { stringValue: rpcId } }
}
