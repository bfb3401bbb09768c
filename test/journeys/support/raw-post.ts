import { rawRequest, type RawAnswer } from './raw-request.ts'

const LIST_TOOLS = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })

/**
 * Sends an MCP server a message, with as many Authorization headers as there are values.
 *
 * @param message - as JSON; asks for its tools when left out
 */
export async function rawPost(
  url: string,
  authorization: readonly string[],
  message = LIST_TOOLS,
): Promise<RawAnswer> {
  const headers = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream']
  headers.push('content-length', String(Buffer.byteLength(message)))
  for (const value of authorization) headers.push('authorization', value)
  return await rawRequest(url, { method: 'POST', headers, body: message })
}
