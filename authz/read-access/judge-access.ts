import { judgeCall, type AccessVerdict, type ReadAccess } from './judge-call.ts'
import type { McpHeaders } from './mcp-headers.ts'
import { readMessage } from './read-message.ts'
import type { BodyHeaders } from './received-body.ts'

export interface McpRequest {
  readonly method: string
  readonly bytes: Uint8Array
  readonly body: BodyHeaders
  readonly mcp: McpHeaders
}

/** Decides whether a session with read access may make a request; anything unknown is refused. */
export function judgeAccess(read: ReadAccess, request: McpRequest): AccessVerdict {
  switch (request.method) {
    case 'POST':
      return judgeCall(read, readMessage(request.bytes, request.body), request.mcp)
    case 'GET':
      // The stream may contain any answer, and with Last-Event-ID it replays one.
      return judgeBodiless(request, true)
    case 'DELETE':
      return judgeBodiless(request, false)
    default:
      return { outcome: 'refused', reason: 'http_method', id: undefined }
  }
}

function judgeBodiless({ bytes, body }: McpRequest, list: boolean): AccessVerdict {
  const empty = bytes.length === 0 && body.size <= 0
  return empty
    ? { outcome: 'allowed', list, id: undefined }
    : { outcome: 'refused', reason: 'http_method', id: undefined }
}
