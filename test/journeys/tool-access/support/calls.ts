/** Of the demo's policy: one tool that reads, and one that changes something. */
export const READING_TOOL = 'package_browse'
export const CHANGING_TOOL = 'package_create'

/** @param changes - further members of the message, or others in place of the usual ones */
export function toolCall(name: string, changes: object = {}): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id: 7,
    method: 'tools/call',
    params: { name, arguments: {} },
    ...changes,
  })
}

export function request(method: string, params?: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 7, method, params })
}

/** A message of exactly this many bytes. */
export function toolCallOf(bytes: number, name: string): string {
  const fill = (text: string): string =>
    JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name, arguments: { text } } })
  return fill('x'.repeat(bytes - fill('').length))
}
