import { judgeCall, type AccessVerdict } from './judge-call.ts'
import type { ReadAccess } from './may-use.ts'
import type { McpHeaders } from './mcp-headers.ts'
import { readMessage } from './read-message.ts'
import type { BodyHeaders } from './received-body.ts'

/** A request at an MCP service, with its whole body. */
export interface McpRequest {
  /** HTTP's. */
  readonly method: string
  /** Empty where there is no body. */
  readonly bytes: Uint8Array
  readonly body: BodyHeaders
  readonly mcp: McpHeaders
}

/** May a session of access `read` make this request. Deny is what is left. */
export function judgeAccess(read: ReadAccess, request: McpRequest): AccessVerdict {
  switch (request.method) {
    case 'POST':
      return judgeCall(read, readMessage(request.bytes, request.body), request.mcp)
    case 'GET':
      // With Last-Event-ID it replays any answer, and a service may send one on it without.
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
