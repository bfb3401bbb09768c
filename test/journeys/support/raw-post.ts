import { rawRequest, type RawAnswer } from './raw-request.ts'

const LIST_TOOLS = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })

/** Asks an MCP server for its tools, with as many Authorization headers as there are values. */
export async function rawPost(url: string, authorization: readonly string[]): Promise<RawAnswer> {
  const headers = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream']
  headers.push('content-length', String(LIST_TOOLS.length))
  for (const value of authorization) headers.push('authorization', value)
  return await rawRequest(url, { method: 'POST', headers, body: LIST_TOOLS })
}
